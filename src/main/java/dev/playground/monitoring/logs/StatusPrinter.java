package dev.playground.monitoring.logs;

import ch.qos.logback.core.status.OnConsoleStatusListener;
import ch.qos.logback.core.status.Status;
import com.github.loki4j.client.pipeline.AsyncBufferPipeline;
import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Prints Logback's own warnings and errors, a mistake in logback.xml for one, to standard error;
 * but not those of sending to Loki, one for each try while Loki is away: {@link LokiSender} says
 * that once. What else the appender warns of, that its queue is full or that an event is too large,
 * is printed once of each kind: it can come with every event, and the metrics {@code loki4j_*}
 * count it.
 */
public final class StatusPrinter extends OnConsoleStatusListener {
    private static final Pattern FAILED_SEND =
            Pattern.compile("(Retry #\\d+[.] )?Error while sending Batch .*", Pattern.DOTALL);

    /** Where the kind of a message ends: at its first number, of a batch or of events. */
    private static final Pattern KIND = Pattern.compile("[#\\d]");

    private final Set<String> printed = ConcurrentHashMap.newKeySet();

    public StatusPrinter() {
        // Otherwise it also prints earlier statuses, whatever their level.
        setRetrospective(0);
    }

    @Override
    protected PrintStream getPrintStream() {
        return System.err;
    }

    @Override
    public void addStatusEvent(Status status) {
        if (status.getEffectiveLevel() >= Status.WARN && !isRepetition(status)) {
            super.addStatusEvent(status);
        }
    }

    private boolean isRepetition(Status status) {
        String message = status.getMessage();
        boolean ofTheAppender =
                status.getOrigin() instanceof AsyncBufferPipeline
                        || status.getOrigin() instanceof LokiAppender;
        return ofTheAppender
                && (FAILED_SEND.matcher(message).matches()
                        || !printed.add(KIND.split(message, 2)[0]));
    }
}
