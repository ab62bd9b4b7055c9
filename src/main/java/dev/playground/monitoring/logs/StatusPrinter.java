package dev.playground.monitoring.logs;

import ch.qos.logback.core.status.OnConsoleStatusListener;
import ch.qos.logback.core.status.Status;
import com.github.loki4j.client.pipeline.AsyncBufferPipeline;
import java.io.PrintStream;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Prints Logback's own warnings and errors, such as an error in logback.xml, to standard error.
 * loki4j reports each failed push there and cannot be silenced (loki4j issue 284). This listener
 * skips those messages, since {@link LokiSender} logs the failure once. It prints any other message
 * of the appender, such as a full queue, once per kind: each event can cause it, and the metrics
 * {@code loki4j_*} count it.
 */
public final class StatusPrinter extends OnConsoleStatusListener {
    /** As in {@code AsyncBufferPipeline.reportSendError}. */
    private static final Pattern FAILED_PUSH =
            Pattern.compile("(Retry #\\d+[.] )?Error while sending Batch .*", Pattern.DOTALL);

    /** The kind of a message is its text up to the first number. */
    private static final Pattern KIND = Pattern.compile("[#\\d]");

    private final Set<String> printed = ConcurrentHashMap.newKeySet();

    public StatusPrinter() {
        // Otherwise it also prints earlier messages of any level.
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
        boolean fromAppender =
                status.getOrigin() instanceof AsyncBufferPipeline
                        || status.getOrigin() instanceof LokiAppender;
        return fromAppender
                && (FAILED_PUSH.matcher(message).matches()
                        || !printed.add(KIND.split(message, 2)[0]));
    }
}
