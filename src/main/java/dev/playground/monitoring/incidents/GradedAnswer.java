package dev.playground.monitoring.incidents;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.playground.monitoring.faults.Fault;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;

/**
 * An answer with its grades. No reason names a cause.
 *
 * @param verdict {@code right}, {@code lucky}, {@code wrong} or {@code late}
 * @param counts whether it is the first answer
 */
@Serdeable
record GradedAnswer(
        String verdict,
        boolean counts,
        Grade causes,
        Grade start,
        @JsonProperty("trace_id") Grade traceId) {
    static final String RIGHT = "right";
    static final String LUCKY = "lucky";
    static final String WRONG = "wrong";
    static final String LATE = "late";

    static final Duration TOLERANCE = Duration.ofSeconds(30);

    /**
     * @param grade {@code right}, {@code wrong}, {@code missing} or {@code not required}
     */
    @Serdeable
    record Grade(String grade, String reason) {
        private static final String MISSING = "missing";
        private static final String NOT_REQUIRED = "not required";

        private boolean isGood() {
            return grade.equals(RIGHT) || grade.equals(NOT_REQUIRED);
        }
    }

    /**
     * @param started the start of the faults
     * @param now before the start, right causes are a guess
     */
    static GradedAnswer of(
            Answer answer,
            Set<Fault> causes,
            Instant started,
            Evidence evidence,
            Instant now,
            boolean late,
            boolean counts) {
        Grade ofCauses = causes(answer.causes(), causes);
        Grade ofStart = start(answer.start(), started);
        Grade ofTraceId = traceId(answer.traceId(), evidence);
        String verdict = RIGHT;
        if (late) {
            verdict = LATE;
        } else if (!ofCauses.isGood()) {
            verdict = WRONG;
        } else if (!ofStart.isGood() || !ofTraceId.isGood() || now.isBefore(started)) {
            verdict = LUCKY;
        }
        return new GradedAnswer(verdict, counts, ofCauses, ofStart, ofTraceId);
    }

    private static Grade causes(Set<Fault> given, Set<Fault> causes) {
        if (given.equals(causes)) {
            return new Grade(RIGHT, "These are the causes, and all of them.");
        }
        Set<Fault> found = EnumSet.copyOf(given);
        found.retainAll(causes);
        if (found.isEmpty()) {
            return new Grade(WRONG, "None of these is a cause.");
        }
        return new Grade(
                WRONG,
                given.size() == found.size()
                        ? "There is one more cause."
                        : "Not each of these is a cause.");
    }

    private static Grade start(@Nullable Instant given, Instant started) {
        if (given == null) {
            return new Grade(Grade.MISSING, "An answer needs the start.");
        }
        if (given.isBefore(started.minus(TOLERANCE))) {
            return new Grade(WRONG, "More than 30 seconds too early.");
        }
        if (given.isAfter(started.plus(TOLERANCE))) {
            return new Grade(WRONG, "More than 30 seconds too late.");
        }
        return new Grade(RIGHT, "Within 30 seconds of the start.");
    }

    private static Grade traceId(@Nullable String given, Evidence evidence) {
        if (given == null) {
            return evidence.exists()
                    ? new Grade(Grade.MISSING, "An answer needs an affected call.")
                    : new Grade(Grade.NOT_REQUIRED, "The incident affects no call.");
        }
        if (evidence.has(given)) {
            return new Grade(RIGHT, "The incident affected this call.");
        }
        return new Grade(WRONG, "No affected call has this trace id.");
    }
}
