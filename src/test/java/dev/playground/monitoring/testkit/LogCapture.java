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

/** What is logged until it is closed, with the MDC and the thread of each event. */
public final class LogCapture extends AppenderBase<ILoggingEvent> implements AutoCloseable {
    private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    private LogCapture(String loggerName) {
        // While another test's thread still sets logging up, SLF4J hands out stand-ins.
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
        // The MDC is read when it is first asked for: it has to be on the thread that logs.
        event.prepareForDeferredProcessing();
        events.add(event);
    }

    @Override
    public void close() {
        logger.detachAppender(this);
        stop();
    }
}
