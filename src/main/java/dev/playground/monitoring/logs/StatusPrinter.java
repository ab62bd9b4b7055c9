package dev.playground.monitoring.logs;

import ch.qos.logback.core.status.OnConsoleStatusListener;
import ch.qos.logback.core.status.Status;
import com.github.loki4j.client.pipeline.AsyncBufferPipeline;
import java.io.PrintStream;
import java.util.regex.Pattern;

/**
 * Prints Logback's own warnings and errors, a mistake in logback.xml for one, to standard error;
 * but not those of sending to Loki, one for each try while Loki is away: {@link LokiSender} says
 * that once, and the metrics {@code loki4j_*} count. That the queue is full is printed once.
 */
public final class StatusPrinter extends OnConsoleStatusListener {
    /** loki4j warns of lines that did not fit into its queue with their number, from 1 on. */
    private static final Pattern FURTHER_DROPS = Pattern.compile("Backpressure: (?!1 ).*");

    public StatusPrinter() {
        // It would print what was before it without a look at the level.
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

    private static boolean isRepetition(Status status) {
        return status.getOrigin() instanceof AsyncBufferPipeline
                || status.getOrigin() instanceof LokiAppender
                        && FURTHER_DROPS.matcher(status.getMessage()).matches();
    }
}
