package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.trace.TraceContext;
import java.util.function.BiConsumer;

/**
 * The structured metadata of one log event, for the appender and for standard output: {@code
 * logger}, {@code thread} and {@code trace_id}, without empty values.
 */
final class LogMetadata {
    private LogMetadata() {}

    static void forEach(ILoggingEvent event, BiConsumer<String, String> field) {
        unlessEmpty("logger", event.getLoggerName(), field);
        unlessEmpty("thread", event.getThreadName(), field);
        unlessEmpty(
                TraceContext.TRACE_ID, event.getMDCPropertyMap().get(TraceContext.TRACE_ID), field);
    }

    private static void unlessEmpty(String name, String value, BiConsumer<String, String> field) {
        if (value != null && !value.isEmpty()) {
            field.accept(name, Utf16.replaceUnpairedSurrogates(value));
        }
    }
}
