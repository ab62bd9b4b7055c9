package dev.playground.monitoring.logs;

/**
 * Text that UTF-8 can write. For a lone surrogate Java's encoder would write a question mark, and
 * loki4j would drop the whole batch that holds it.
 */
final class WellFormed {
    private static final char REPLACEMENT = '\uFFFD';

    private WellFormed() {}

    /** The text itself; with U+FFFD for each lone surrogate. */
    static String text(String text) {
        int i = firstLoneSurrogate(text, 0);
        if (i == text.length()) {
            return text;
        }
        StringBuilder mended = new StringBuilder(text);
        for (; i < text.length(); i = firstLoneSurrogate(text, i + 1)) {
            mended.setCharAt(i, REPLACEMENT);
        }
        return mended.toString();
    }

    /** Its index, or the length of the text when there is none from {@code from} on. */
    private static int firstLoneSurrogate(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean pair =
                        Character.isHighSurrogate(c)
                                && i + 1 < text.length()
                                && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    return i;
                }
                i++;
            }
        }
        return text.length();
    }
}
