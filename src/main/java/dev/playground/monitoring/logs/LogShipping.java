package dev.playground.monitoring.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** Stops the push to Loki. */
public final class LogShipping {
    /** The appender's name in logback.xml. */
    static final String APPENDER = "LOKI";

    private LogShipping() {}

    /**
     * Pushes the buffered lines, for at most {@code limit}: loki4j itself would retry for as long
     * as Loki is unavailable. Standard output has all lines.
     */
    public static void stop(Duration limit) {
        stop((LoggerContext) LoggerFactory.getILoggerFactory(), limit);
    }

    static void stop(LoggerContext context, Duration limit) {
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Appender<ILoggingEvent> appender = root.getAppender(APPENDER);
        if (appender == null) {
            return;
        }
        root.detachAppender(appender);
        Thread stop = new Thread(appender::stop, "loki-stop");
        stop.setDaemon(true);
        stop.start();
        try {
            // Not Thread.join, for which 0 means no limit.
            TimeUnit.MILLISECONDS.timedJoin(stop, limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
