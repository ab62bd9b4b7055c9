package dev.playground.monitoring.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.playground.monitoring.trace.TraceContext;
import io.micronaut.context.annotation.Context;
import io.micronaut.context.annotation.Requires;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.serde.annotation.Serdeable;
import jakarta.annotation.PreDestroy;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.LoggerFactory;

/** {@code GET /logs/recent}: the latest log lines since the start, oldest first. */
@Context
@Controller("/logs/recent")
@Requires(property = "faults.enabled", value = "true")
final class RecentLines {
    private static final int MAX_LINES = 200;

    /** In characters; a stack trace is shortened. */
    private static final int MAX_MESSAGE = 2_000;

    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private final Deque<Line> lines = new ArrayDeque<>();
    private final Buffer buffer = new Buffer();

    RecentLines() {
        buffer.start();
        root().addAppender(buffer);
    }

    @PreDestroy
    void stop() {
        root().detachAppender(buffer);
    }

    private static Logger root() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        return context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @Get
    List<Line> get() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /**
     * @param time RFC 3339, UTC, with milliseconds
     * @param traceId null outside of a request
     */
    @Serdeable
    record Line(
            String time,
            String level,
            String logger,
            String message,
            @JsonProperty(TraceContext.TRACE_ID) @Nullable String traceId) {
        static Line of(ILoggingEvent event) {
            String message = LogLine.of(event);
            return new Line(
                    MILLIS.format(Instant.ofEpochMilli(event.getTimeStamp())),
                    event.getLevel().toString(),
                    event.getLoggerName(),
                    Utf16.replaceUnpairedSurrogates(
                            message.substring(0, Math.min(message.length(), MAX_MESSAGE))),
                    event.getMDCPropertyMap().get(TraceContext.TRACE_ID));
        }
    }

    private final class Buffer extends UnsynchronizedAppenderBase<ILoggingEvent> {
        @Override
        protected void append(ILoggingEvent event) {
            Line line = Line.of(event);
            synchronized (lines) {
                if (lines.size() == MAX_LINES) {
                    lines.remove();
                }
                lines.add(line);
            }
        }
    }
}
