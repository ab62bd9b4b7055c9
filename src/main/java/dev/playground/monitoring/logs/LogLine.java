package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;

/**
 * The text of one log event, the same for both shippers. Loki keeps a line once only when its two
 * copies are equal byte for byte, so nothing else makes this text.
 */
final class LogLine {
    private LogLine() {}

    /**
     * The message with its arguments filled in and, under it, the stack trace when there is one.
     * Without line breaks at the end.
     */
    static String of(ILoggingEvent event) {
        // Null for a null message without arguments.
        String line = String.valueOf(event.getFormattedMessage());
        if (event.getThrowableProxy() != null) {
            line += '\n' + ThrowableProxyUtil.asString(event.getThrowableProxy());
        }
        return WellFormed.text(withoutTrailingBreaks(line));
    }

    private static String withoutTrailingBreaks(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return text.substring(0, end);
    }
}
