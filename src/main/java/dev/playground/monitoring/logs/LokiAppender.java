package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.github.loki4j.client.batch.LogRecord;
import com.github.loki4j.logback.Loki4jAppender;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * loki4j's appender with {@link LogMetadata} as the structured metadata. Its own patterns would
 * push empty values too, and lose a batch over a name that is not well-formed.
 */
public final class LokiAppender extends Loki4jAppender {
    public LokiAppender() {
        setStructuredMetadata(DISABLE_SMD_PATTERN);
    }

    @Override
    public LogRecord eventToLogRecord(ILoggingEvent event) {
        LogRecord plain = super.eventToLogRecord(event);
        Map<String, String> metadata = new LinkedHashMap<>();
        LogMetadata.forEach(event, metadata::put);
        return LogRecord.create(
                plain.timestampMs, plain.nanosInMs, plain.stream, plain.message, metadata);
    }
}
