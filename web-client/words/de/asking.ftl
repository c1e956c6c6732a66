## Asking to be let in, and waiting for the answer.

asking-wait-for = { $name } oder ein anderer Admin der Gruppe { $group } muss dich hereinlassen. Deine Anfrage ist angekommen.
asking-wait = Ein Admin der Gruppe { $group } muss dich hereinlassen. Deine Anfrage ist angekommen.
asking-next = Wenn sie angenommen wird, geht es hier von selbst weiter. Du kannst diese Seite auch schließen: Deine Anfrage bleibt, und dieselbe Adresse zeigt später die Antwort.
asking-refused-by = Ein Admin der Gruppe { $group } hat abgelehnt. Wenn das ein Irrtum ist, sprich mit { $name }, und frag noch einmal an.
asking-refused = Ein Admin der Gruppe { $group } hat abgelehnt. Wenn das ein Irrtum ist, sprich mit jemandem aus der Gruppe, und frag noch einmal an.
asking-accepted-notice = Du bist jetzt in der Gruppe { $group }: Ein Admin hat dich hereingelassen.
asking-refused-notice = Ein Admin der Gruppe { $slug } hat dich nicht hereingelassen. Wenn das ein Irrtum ist, sprich mit den Leuten dort, und frag noch einmal an.
