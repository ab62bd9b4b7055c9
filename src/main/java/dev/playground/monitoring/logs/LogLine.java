package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

/**
 * The text of one log event, for the appender and for standard output. Loki drops the second copy
 * of a line only when both are equal byte for byte.
 */
final class LogLine {
    private LogLine() {}

    /**
     * The formatted message, followed by the stack trace when there is one. Trailing line breaks
     * are removed.
     */
    static String of(ILoggingEvent event) {
        // Null for a null message without arguments.
        String line = String.valueOf(event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            line += '\n' + ThrowableProxyUtil.asString(event.getThrowableProxy());
        }
        return Utf16.replaceUnpairedSurrogates(withoutTrailingBreaks(line));
    }

    private static String withoutTrailingBreaks(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return text.substring(0, end);
    }
}
