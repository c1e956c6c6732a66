## Why a text is not an invite.

# Each stands behind a colon, or is a sentence of its own; a full stop follows.
pasted-not-found = Darin steht kein Link. Eine Einladung sieht aus wie https://HOST/j/zwei-wörter#geheimnis: Bitte die Person, die dich einlädt, um den ganzen Link
pasted-no-slug = Der Link { $seen } ist keine Einladung. Eine Einladung sieht aus wie https://HOST/j/zwei-wörter#geheimnis: Bitte die Person, die dich einlädt, um den ganzen Link
pasted-bad-slug = Der Name der Gruppe im Link (die Wörter hinter /j/) enthält Zeichen, die kein solcher Name hat. Kopiere den ganzen Link noch einmal, oder bitte erneut darum
pasted-no-secret = Das ist die Adresse einer Gruppe, keine Einladung. Bitte um den Link, der unter „Andere einladen“ steht
pasted-wrong-character = Im Link ist ein Zeichen hinter dem # falsch. Kopiere den ganzen Link noch einmal, oder bitte erneut darum
pasted-not-whole = Hinter dem # hat der Link { $seen } Zeichen und müsste { $expected } haben. Kopiere den ganzen Link noch einmal, oder bitte erneut darum
pasted-several = Darin stehen zwei verschiedene Einladungen, { $first } und { $second }. Nimm die, die du meinst
pasted-identity = Das ist keine Einladung, sondern der Link zu einer Identität, der ein anderes Gerät zu dir macht. Öffne ihn in der Adresszeile des Browsers, oder gib ihn an `native-peer identity import`
