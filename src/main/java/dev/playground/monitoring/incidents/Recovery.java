package dev.playground.monitoring.incidents;

import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.Outcome;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.serde.annotation.Serdeable;
import java.util.ArrayDeque;
import java.util.Deque;

/** Whether the service works again after a fix: by the latest calls, not by the fix. */
final class Recovery {
    /** As many calls must have ended. */
    static final int CALLS = 20;

    private final Behaviour normal;
    private final Deque<Outcome> latest = new ArrayDeque<>();
    private int fixes;
    private boolean faultIsGone;
    private boolean recovered;

    Recovery(Behaviour normal) {
        this.normal = normal;
    }

    /**
     * Only calls that start from now on count.
     *
     * @param removesFault whether the fix names the causes
     */
    synchronized void fix(boolean removesFault) {
        fixes++;
        faultIsGone |= removesFault;
        latest.clear();
    }

    synchronized int fixes() {
        return fixes;
    }

    /**
     * @param fixesBefore the number of fixes when the call started
     */
    synchronized void add(int fixesBefore, Outcome outcome) {
        if (fixes == 0 || fixesBefore < fixes) {
            return;
        }
        latest.add(outcome);
        if (latest.size() > CALLS) {
            latest.remove();
        }
        recovered |= faultIsGone && latest.size() == CALLS && problem() == null;
    }

    /** Null without a fix. */
    @Nullable
    synchronized State state() {
        if (fixes == 0) {
            return null;
        }
        String problem = problem();
        if (problem == null) {
            problem = "Calls are normal, but no fix removed the cause.";
        }
        return new State(
                recovered,
                recovered ? "Error ratio and p95 latency are back to normal." : problem,
                fixes,
                latest.size(),
                finite(errorRatio()),
                finite(p95Millis()));
    }

    /** Why the latest calls are not normal; null if they are. */
    @Nullable
    private String problem() {
        if (latest.size() < CALLS) {
            return "%d of %d calls have ended since the fix.".formatted(latest.size(), CALLS);
        }
        // NaN is in no interval.
        if (!(errorRatio() <= maxErrorRatio())) {
            return "The error ratio is above normal.";
        }
        return p95Millis() <= normal.latency().maxMs() ? null : "The p95 latency is above normal.";
    }

    /** Three standard deviations above normal, because so few calls vary much. */
    private double maxErrorRatio() {
        double rate = normal.errorRate();
        return rate + 3 * Math.sqrt(rate * (1 - rate) / CALLS);
    }

    private double errorRatio() {
        long succeeded = latest.stream().filter(Outcome.Success.class::isInstance).count();
        return (double) (latest.size() - succeeded) / latest.size();
    }

    /** Of the calls that succeeded. */
    private double p95Millis() {
        int[] sorted =
                latest.stream()
                        .filter(Outcome.Success.class::isInstance)
                        .mapToInt(outcome -> ((Outcome.Success) outcome).latencyMs())
                        .sorted()
                        .toArray();
        return sorted.length == 0 ? Double.NaN : sorted[(int) Math.ceil(sorted.length * 0.95) - 1];
    }

    @Nullable
    private static Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    /**
     * @param calls that ended since the latest fix, at most {@link #CALLS}
     * @param errorRatio null without calls
     * @param p95Ms null without successful calls
     */
    @Serdeable
    record State(
            boolean recovered,
            String reason,
            int fixes,
            int calls,
            @Nullable Double errorRatio,
            @Nullable Double p95Ms) {}
}
