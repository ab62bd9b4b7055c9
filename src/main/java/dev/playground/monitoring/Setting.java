package dev.playground.monitoring;

import java.util.function.Function;

/** Reads one setting from its text, and says in one sentence what is wrong with it if it cannot. */
public final class Setting {
    private Setting() {}

    /**
     * @param variable the environment variable as the user knows it
     * @param text its value
     * @param accepts what the variable takes, as the end of a sentence: "a number from 0 to 1"
     * @param parser throws any {@link RuntimeException} for a text that it does not take
     * @throws InvalidException with the whole sentence for the user
     */
    public static <T> T parse(
            String variable, String text, String accepts, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (RuntimeException e) {
            throw new InvalidException(
                    "%s is \"%s\", but takes %s.".formatted(variable, text, accepts), e);
        }
    }

    /** A whole number within bounds, both of them allowed. */
    public static int wholeNumber(String variable, String text, int min, int max) {
        return parse(
                variable,
                text,
                "a whole number from %d to %d".formatted(min, max),
                t -> {
                    int number = Integer.parseInt(t);
                    require(number >= min && number <= max);
                    return number;
                });
    }

    /** For use inside a parser: rejects the text when {@code accepted} is false. */
    public static void require(boolean accepted) {
        if (!accepted) {
            throw new IllegalArgumentException();
        }
    }

    /** A setting that stops the start; its message is a sentence for the user. */
    public static final class InvalidException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvalidException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
