package dev.playground.monitoring.incidents;

import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.FaultDocument;
import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.Outcome;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The trace ids of the calls that a document affected: the latest 10,000. A client can choose the
 * id of its calls: one that an unaffected call has, too, is no evidence.
 */
final class Evidence {
    static final int MAX = 10_000;

    private static final Set<Fault> ON_CALLS =
            EnumSet.of(Fault.ERROR_RATE, Fault.LATENCY, Fault.CAUSES);

    private final FaultDocument document;
    private final Behaviour normal;
    private final Set<String> affected = latest();
    private final Set<String> unaffected = latest();

    Evidence(FaultDocument document, Behaviour normal) {
        this.document = document;
        this.normal = normal;
    }

    private static Set<String> latest() {
        return Collections.newSetFromMap(
                new LinkedHashMap<>() {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
                        return size() > MAX;
                    }
                });
    }

    /** Whether the document affects calls at all. */
    boolean exists() {
        return !Collections.disjoint(document.faults(), ON_CALLS);
    }

    /**
     * @param faulty whether the call started while the document was active
     */
    synchronized void add(String traceId, boolean faulty, Outcome outcome) {
        (faulty && isAffected(outcome) ? affected : unaffected).add(traceId);
    }

    synchronized boolean has(String traceId) {
        return affected.contains(traceId) && !unaffected.contains(traceId);
    }

    /**
     * What an observer can tell from normal: a failure while more calls fail, a cause that is new,
     * or a latency that no normal call has.
     */
    private boolean isAffected(Outcome outcome) {
        Set<Fault> faults = document.faults();
        if (outcome instanceof Outcome.Success success) {
            return faults.contains(Fault.LATENCY) && success.latencyMs() > normal.latency().maxMs();
        }
        return outcome instanceof Outcome.Failure failure
                && (faults.contains(Fault.ERROR_RATE)
                        || faults.contains(Fault.CAUSES)
                                && !normal.causes().contains(failure.cause()));
    }
}
