package dev.playground.monitoring.logs;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.github.loki4j.client.batch.LogRecord;
import com.github.loki4j.logback.Loki4jAppender;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * loki4j's appender with {@link LogMetadata} as the structured metadata. Its own patterns would
 * push empty values too, and lose a batch over a name that is not well-formed. And it refuses an
 * event that fits into no batch: loki4j would print all of it, and report a full queue.
 */
public final class LokiAppender extends Loki4jAppender {
    /** In bytes: loki4j's batch of 4 MB, and room in it for what is written around the event. */
    static final int MAX_EVENT = 4 * 1024 * 1024 - 1024;

    public LokiAppender() {
        setStructuredMetadata(DISABLE_SMD_PATTERN);
    }

    @Override
    public LogRecord eventToLogRecord(ILoggingEvent event) {
        LogRecord plain = super.eventToLogRecord(event);
        Map<String, String> metadata = new LinkedHashMap<>();
        LogMetadata.forEach(event, metadata::put);
        LogRecord record =
                LogRecord.create(
                        plain.timestampMs, plain.nanosInMs, plain.stream, plain.message, metadata);
        int size =
                record.messageUtf8SizeBytes
                        + record.metadataUtf8SizeBytes
                        + record.streamUtf8SizeBytes;
        if (size > MAX_EVENT) {
            throw new EventTooLargeException(size);
        }
        return record;
    }

    /** loki4j reports it, and counts the event in {@code loki4j_append_errors_total}. */
    private static final class EventTooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EventTooLargeException(int size) {
            // Without the stack trace, which is that of whoever logs.
            super(
                    "An event of %,d bytes is not pushed, %,d are the most; it is on standard output"
                            .formatted(size, MAX_EVENT),
                    null,
                    false,
                    false);
        }
    }
}
