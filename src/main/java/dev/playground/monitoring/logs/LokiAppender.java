package dev.playground.monitoring.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import com.github.loki4j.client.batch.LogRecord;
import com.github.loki4j.logback.Loki4jAppender;
import java.util.AbstractMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * loki4j's appender with {@link LogMetadata} as structured metadata. loki4j's own patterns push
 * empty values too, and drop a batch with an unpaired surrogate. This appender also rejects an
 * event that exceeds a batch: loki4j would print the whole event and report a full queue.
 */
public final class LokiAppender extends Loki4jAppender {
    /** In bytes: the batch of logback.xml, less what the push format adds to the event. */
    static final int MAX_EVENT = 2 * 1024 * 1024 - 1024;

    /** By level, the only part of an event in the labels of logback.xml. */
    private final Map<Level, Map<String, String>> streams = new ConcurrentHashMap<>();

    public LokiAppender() {
        setStructuredMetadata(DISABLE_SMD_PATTERN);
    }

    @Override
    public LogRecord eventToLogRecord(ILoggingEvent event) {
        Map<String, String> metadata = new LinkedHashMap<>();
        LogMetadata.forEach(event, metadata::put);
        LogRecord record =
                LogRecord.create(
                        event.getTimeStamp(),
                        event.getNanoseconds() % 1_000_000,
                        stream(event),
                        LogLine.of(event),
                        metadata);
        int size =
                record.messageUtf8SizeBytes
                        + record.metadataUtf8SizeBytes
                        + record.streamUtf8SizeBytes;
        if (size > MAX_EVENT) {
            throw new EventTooLargeException(size);
        }
        return record;
    }

    private Map<String, String> stream(ILoggingEvent event) {
        Map<String, String> stream = streams.get(event.getLevel());
        if (stream == null) {
            stream = new Stream(super.eventToLogRecord(event).stream);
            streams.put(event.getLevel(), stream);
        }
        return stream;
    }

    /** Labels with their hash code: loki4j sorts each batch by it, and looks it up per event. */
    private static final class Stream extends AbstractMap<String, String> {
        private final Set<Map.Entry<String, String>> labels;
        private final int hashCode;

        Stream(Map<String, String> labels) {
            this.labels = labels.entrySet();
            hashCode = labels.hashCode();
        }

        @Override
        public Set<Map.Entry<String, String>> entrySet() {
            return labels;
        }

        @Override
        public boolean equals(Object other) {
            return super.equals(other);
        }

        @Override
        public int hashCode() {
            return hashCode;
        }
    }

    /** loki4j reports it and counts it in {@code loki4j_append_errors_total}. */
    private static final class EventTooLargeException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EventTooLargeException(int size) {
            // Without a stack trace: it would be that of the code that logs.
            super(
                    "An event of %,d bytes is not pushed: the limit is %,d; standard output has it"
                            .formatted(size, MAX_EVENT),
                    null,
                    false,
                    false);
        }
    }
}
