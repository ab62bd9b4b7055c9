package dev.playground.monitoring.faults;

import dev.playground.monitoring.heavy.Outcome;
import java.util.function.Consumer;

/** Follows the calls of {@code /heavy-computation} while a document is hidden. */
public interface CallListener {
    /**
     * A call starts. A log line that this method writes has the trace id of the call.
     *
     * @param faulty whether the hidden document is active
     * @return accepts the outcome when the call ends
     */
    Consumer<Outcome> started(String traceId, boolean faulty);

    /** Called regularly. */
    void endIfOver();
}
