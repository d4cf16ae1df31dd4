"""Regular expressions, mostly good ones, of all that RE2's syntax has, and near it."""

ATOMS = ["a", "b", "1", ".", "^", "$", "x", " ", "ä", "-", "/", ",", ":", "=", "_", "\\d", "\\w", "\\s", "\\D", "\\W",
         "\\S", "\\b", "\\B", "\\A", "\\z", "\\Z", "\\C", "\\pL", "\\p{Greek}", "\\PL", "\\p{^Lu}", "\\p{None}", "\\pN",
         "\\.", "\\\\", "\\/", "\\-", "\\n", "\\t", "\\x41", "\\x{e4}", "\\x{110000}", "\\101", "\\0", "\\1", "\\8", "\\e",
         "\\a", "\\v", "\\f", "\\r", "\\cA", "\\X", "\\R", "\\h", "\\K", "\\G", "\\N", "\\<", "\\ä", "\\u0041", "\\_", "\\x4",
         "\\x", "\\p", "\\p{", "\\", "\\Qa.b\\E", "\\Q", "\\E", "(?i)", "(?s)", "(?m)", "(?U)", "(?-i)", "(?i-s)", "(?x)",
         "(?#c)", "(?", "#", "🙂", "\x7f", "\\\"", "'", "\"", "`", "@", "%", "&", "~", "!", ";", "<", ">", "\\ ", "\\]",
         "\\{", "\\}", "]", "}", "{", "\\Pä", "\\p{Latin}", "\\p{L}", "\\pLu", "\\p{Lu}", "\\x{0041}", "\\x{}", "\\x{g}",
         "\\07", "\\777", "\\08", "\\z\\z", "\\p{Any}", "\\P{Any}", "\\p{Zzzz}", "\\p{Han}", "\\p{Cyrillic}"]
SET_ATOMS = ["a", "z", "a-z", "0-9", "z-a", "-", "^", "]", "[", "\\d", "\\w", "\\S", "\\pL", "[:alpha:]", "[:^digit:]",
             "[:word:]", "[:nonsense:]", "[:alpha", ".", "\\]", "\\-", "\\\\", "a-\\d", "\\d-z", "ä", "\\x41-\\x5a", "--a",
             "a--", "\\b", "\\n", "\\Q", "\\E", "&&", "~~", "$", "|", "(", " ", "\\p{Greek}", "[.a.]", "[=a=]", "\\_", "\\z",
             "ä-ö", "\\C", "a-", "-a", "🙂"]
REPEATS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{2,}", "{2,3}", "{,3}", "{3,2}", "{1000}", "{1001}", "{2}?", "{0}",
           "{ 2}", "{a}", "**", "*+", "++", "{2}{3}", "{2}*", "*{2}", "{01}", "{2,3}?", "{0,0}", "{1,1000}", "{-1}", "{}"]
GROUPS = ["(%s)", "(?:%s)", "(?P<n>%s)", "(?<n>%s)", "(?i:%s)", "(?-s:%s)", "(?P<n1>%s)", "(?P<>%s)", "(?P<1>%s)",
          "(?P<a-b>%s)", "(?=%s)", "(?!%s)", "(?<=%s)", "(?>%s)", "(?P=n)%s", "(?i-:%s)", "(?--i:%s)", "(?^:%s)", "(%s", "%s)",
          "(?P<ä>%s)", "(?im-sU:%s)", "(?|%s)", "(?'n'%s)", "(?:)%s", "()%s", "(|%s)", "(%s|)"]


def pattern(chance, depth=0):
    """A regular expression as text, without line breaks."""
    parts = []
    for _ in range(chance.choice((1, 1, 2, 2, 3, 4))):
        way = chance.random()
        if way < 0.2 and depth < 4:
            part = chance.choice(GROUPS if chance.random() < 0.4 else GROUPS[:3]) % pattern(chance, depth + 1)
        elif way < 0.35:
            inside = "".join(chance.choice(SET_ATOMS) for _ in range(chance.randint(1, 3)))
            part = f"[{'^' if chance.random() < 0.2 else ''}{inside}{']' if chance.random() < 0.95 else ''}"
        elif way < 0.45 and depth < 4:
            part = pattern(chance, depth + 1) + "|" + pattern(chance, depth + 1)
        elif way < 0.75:
            part = chance.choice("ab1x.")
        else:
            part = chance.choice(ATOMS)
        if chance.random() < 0.25:
            part += chance.choice(REPEATS if chance.random() < 0.5 else REPEATS[:9])
        parts.append(part)
    return "".join(parts)
