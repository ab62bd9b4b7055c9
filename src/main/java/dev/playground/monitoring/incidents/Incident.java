package dev.playground.monitoring.incidents;

import dev.playground.monitoring.faults.CallListener;
import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.InvalidRequestException;
import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.HeavyWork;
import dev.playground.monitoring.heavy.Outcome;
import io.micronaut.core.annotation.Nullable;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One incident, with what it knows about the calls, and its answers. */
final class Incident {
    /** Not that of this class, which would give the red herring away. */
    private static final Logger WORK_LOG = LoggerFactory.getLogger(HeavyWork.class);

    private final String id;
    private final int level;
    private final long seed;
    private final Scenario scenario;
    private final Instant created;
    private final Evidence evidence;
    private final Recovery recovery;

    /** When it was deleted, or by the time. */
    private volatile Instant ends;

    private int answers;
    private boolean solved;
    @Nullable private GradedAnswer first;

    Incident(String id, int level, long seed, Behaviour normal, Instant created) {
        this.id = id;
        this.level = level;
        this.seed = seed;
        this.created = created;
        this.ends = created.plus(Scenario.LASTS);
        this.scenario = Scenario.of(level, seed, normal);
        this.evidence = new Evidence(scenario.document(), normal);
        this.recovery = new Recovery(normal);
    }

    String id() {
        return id;
    }

    Scenario scenario() {
        return scenario;
    }

    Instant ends() {
        return ends;
    }

    boolean isRunning(Instant now) {
        return now.isBefore(ends);
    }

    boolean isAnswered() {
        return answers > 0;
    }

    void end(Instant now) {
        ends = now;
    }

    private Instant started() {
        return created.plus(scenario.delay());
    }

    /**
     * A call starts.
     *
     * @see CallListener#started
     */
    Consumer<Outcome> call(Instant now, String traceId, boolean faulty) {
        Scenario.RedHerring herring = scenario.redHerring();
        if (herring != null
                && !now.isBefore(created.plus(herring.delay()))
                && ThreadLocalRandom.current().nextDouble() < Scenario.RedHerring.SHARE) {
            WORK_LOG.warn(herring.warning());
        }
        int fixes = recovery.fixes();
        return outcome -> {
            evidence.add(traceId, faulty, outcome);
            recovery.add(fixes, outcome);
        };
    }

    /**
     * @throws InvalidRequestException with status 400 for a start in the future
     */
    GradedAnswer answer(Answer answer, Instant now) {
        answer.rejectStartAfter(now);
        boolean late = !isRunning(now);
        GradedAnswer graded =
                GradedAnswer.of(
                        answer, scenario.causes(), started(), evidence, now, late, ++answers == 1);
        if (first == null) {
            first = graded;
        }
        solved |= graded.verdict().equals(GradedAnswer.RIGHT);
        return graded;
    }

    /** Whether it removes the faults: a guess before their start does not. */
    boolean fix(Set<Fault> causes, Instant now) {
        boolean removesFault = causes.equals(scenario.causes()) && !now.isBefore(started());
        recovery.fix(removesFault);
        return removesFault;
    }

    State state(Instant now) {
        boolean running = isRunning(now);
        return new State(
                id,
                level,
                seed,
                running ? "running" : "ended",
                created.toString(),
                ends.toString(),
                answers,
                first,
                recovery.state(),
                running && !solved ? null : solution());
    }

    private Solution solution() {
        Scenario.RedHerring herring = scenario.redHerring();
        return new Solution(
                scenario.causes().stream().map(Fault::label).toList(),
                started().toString(),
                scenario.json(),
                herring == null ? null : herring.warning());
    }

    /**
     * @param answers their number
     * @param answer the one that counts; null before it
     * @param recovery null without a fix
     * @param solution null until the end, or until a right answer
     */
    @Serdeable
    record State(
            String id,
            int level,
            long seed,
            String state,
            String createdAt,
            String endsAt,
            int answers,
            @Nullable GradedAnswer answer,
            @Nullable Recovery.State recovery,
            @Nullable Solution solution) {}

    /**
     * @param faults the body of {@code PUT /faults} that has the same effect
     * @param redHerring the text of the warnings without meaning; null without them
     */
    @Serdeable
    record Solution(
            List<String> causes, String start, JsonNode faults, @Nullable String redHerring) {}
}
