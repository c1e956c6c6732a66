## Asking to be let in, and waiting for the answer.

asking-wait-for = { $name } oder ein anderer Admin von { $group } muss dich hereinlassen. Deine Anfrage liegt dort vor.
asking-wait = Ein Admin von { $group } muss dich hereinlassen. Deine Anfrage liegt dort vor.
asking-next = Wenn sie angenommen wird, geht diese Seite von selbst weiter. Du kannst sie auch schließen: Deine Anfrage bleibt, und dieselbe Adresse zeigt später die Antwort.
asking-refused-by = Ein Admin von { $group } hat Nein gesagt. Wenn das ein Irrtum ist, sprich mit { $name }, und frag noch einmal an.
asking-refused = Ein Admin von { $group } hat Nein gesagt. Wenn das ein Irrtum ist, sprich mit jemandem aus der Gruppe, und frag noch einmal an.
asking-accepted-notice = Du bist jetzt in { $group }: Ein Admin hat dich hereingelassen.
asking-refused-notice = Ein Admin von { $slug } hat dich nicht hereingelassen. Wenn das ein Irrtum ist, sprich mit den Leuten dort, und frag noch einmal an.
