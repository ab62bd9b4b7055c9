package dev.playground.monitoring.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.LoggerFactory;

/** The end of the push to Loki, which has to be told when the service stops. */
public final class LogShipping {
    /** The appender's name in logback.xml. */
    static final String APPENDER = "LOKI";

    private LogShipping() {}

    /**
     * Sends what the appender still holds, and gives up after {@code limit}: the appender itself
     * would wait for as long as Loki is away. What it could not send is on standard output.
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
            // Not Thread.join, which takes 0 for "as long as it takes".
            TimeUnit.MILLISECONDS.timedJoin(stop, limit.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
