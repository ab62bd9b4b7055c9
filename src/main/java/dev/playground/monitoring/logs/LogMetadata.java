package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.playground.monitoring.trace.TraceFilter;
import java.util.function.BiConsumer;

/**
 * The structured metadata of one log event, the same for both shippers: {@code logger}, {@code
 * thread} and {@code trace_id}, each one only when it has a value.
 */
final class LogMetadata {
    private LogMetadata() {}

    static void forEach(ILoggingEvent event, BiConsumer<String, String> field) {
        unlessEmpty("logger", event.getLoggerName(), field);
        unlessEmpty("thread", event.getThreadName(), field);
        unlessEmpty(
                TraceFilter.TRACE_ID, event.getMDCPropertyMap().get(TraceFilter.TRACE_ID), field);
    }

    private static void unlessEmpty(String name, String value, BiConsumer<String, String> field) {
        if (value != null && !value.isEmpty()) {
            field.accept(name, WellFormed.text(value));
        }
    }
}
