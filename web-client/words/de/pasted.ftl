## Why a text is not an invite.

# Each stands behind a colon, or is a sentence of its own; a full stop follows.
pasted-not-found = Es steht kein Link darin. Eine Einladung sieht aus wie https://HOST/j/zwei-worte#geheimnis: Bitte die Person, die dich einlädt, um den ganzen Link
pasted-no-slug = Der Link { $seen } ist keine Einladung. Eine Einladung sieht aus wie https://HOST/j/zwei-worte#geheimnis: Bitte die Person, die dich einlädt, um den ganzen Link
pasted-bad-slug = Der Name der Gruppe im Link, die Wörter hinter /j/, hat Zeichen, die keine Gruppe hat. Kopiere den ganzen Link noch einmal, oder bitte noch einmal darum
pasted-no-secret = Das ist die Adresse einer Gruppe, keine Einladung: Bitte um den Link unter „Andere einladen“
pasted-wrong-character = Der Link ist nicht ganz: Ein Zeichen hinter dem # ist falsch. Kopiere den ganzen Link noch einmal, oder bitte noch einmal darum
pasted-not-whole = Der Link ist nicht ganz: Hinter dem # stehen { $seen } Zeichen, und es sollten { $expected } sein. Kopiere den ganzen Link noch einmal, oder bitte noch einmal darum
pasted-several = Es stehen zwei verschiedene Einladungen darin: { $first } und { $second }. Nimm die, die du meinst
pasted-identity = Das ist der Link einer Identität, der ein anderes Gerät zu dir macht, und keine Einladung. Er wird in der Adresszeile des Browsers geöffnet, oder an `native-peer identity import` gegeben
