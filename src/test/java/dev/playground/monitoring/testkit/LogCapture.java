package dev.playground.monitoring.testkit;

import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.LoggerFactory;

/** Captures log events until it is closed, with the MDC and the thread of each event. */
public final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    private LogCapture(String loggerName) {
        // SLF4J returns substitutes while the thread of another test configures logging.
        LoggerContext context =
                (LoggerContext)
                        await().until(
                                        LoggerFactory::getILoggerFactory,
                                        LoggerContext.class::isInstance);
        logger = context.getLogger(loggerName);
        start();
        logger.addAppender(this);
    }

    /** Of every logger. */
    public static LogCapture all() {
        return new LogCapture(Logger.ROOT_LOGGER_NAME);
    }

    public static LogCapture of(Class<?> loggingClass) {
        return new LogCapture(loggingClass.getName());
    }

    public List<ILoggingEvent> events() {
        return List.copyOf(events);
    }

    @Override
    protected void append(ILoggingEvent event) {
        // Reads the MDC, which is that of the logging thread.
        event.prepareForDeferredProcessing();
        events.add(event);
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        stop();
    }
}
