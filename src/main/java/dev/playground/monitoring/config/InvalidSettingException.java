package dev.playground.monitoring.config;

/** A setting that stops the start. Its message is for the user: name, value, what is valid. */
public final class InvalidSettingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * @param variable the environment variable
     * @param expected what the variable accepts, such as "a number from 0 to 1"
     */
    public InvalidSettingException(String variable, String value, String expected) {
        super("%s: invalid value \"%s\": expected %s".formatted(variable, value, expected));
    }
}
