package dev.playground.monitoring.logs;

/** UTF-16 text, as Java strings have it. */
final class Utf16 {
    private static final char REPLACEMENT = '\uFFFD';

    private Utf16() {}

    /**
     * Replaces each unpaired surrogate by U+FFFD. UTF-8 cannot encode it: Java would write a
     * question mark, and loki4j would drop the whole batch.
     */
    static String replaceUnpairedSurrogates(String text) {
        int i = indexOfUnpairedSurrogate(text, 0);
        if (i == text.length()) {
            return text;
        }
        StringBuilder replaced = new StringBuilder(text);
        for (; i < text.length(); i = indexOfUnpairedSurrogate(text, i + 1)) {
            replaced.setCharAt(i, REPLACEMENT);
        }
        return replaced.toString();
    }

    /** The length of the text when there is none at or after {@code from}. */
    private static int indexOfUnpairedSurrogate(String text, int from) {
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
