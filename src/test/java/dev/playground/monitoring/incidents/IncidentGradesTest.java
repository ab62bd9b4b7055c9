package dev.playground.monitoring.incidents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.faults.Fault;
import dev.playground.monitoring.faults.FaultReader;
import dev.playground.monitoring.faults.Faults;
import dev.playground.monitoring.heavy.Behaviour;
import dev.playground.monitoring.heavy.HeavyWork;
import dev.playground.monitoring.heavy.Latency;
import dev.playground.monitoring.heavy.Outcome;
import dev.playground.monitoring.testkit.LogCapture;
import dev.playground.monitoring.trace.TraceContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micronaut.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Incidents of all levels with the answers of a learner, by a clock of the test. */
class IncidentGradesTest {
    private static final Behaviour NORMAL =
            new Behaviour(
                    0.125, List.of("Usual"), new Latency.AnyOf(List.of(100, 600, 2500)), 0, null);

    private record Kind(int level, long seed) {
        Scenario scenario() {
            return Scenario.of(level, seed, NORMAL);
        }
    }

    private record Call(String traceId, Outcome outcome) {}

    private static final List<Kind> KINDS =
            IntStream.range(0, 36).mapToObj(i -> new Kind(i / 12 + 1, i % 12)).toList();

    private final TestClock clock = new TestClock();
    private final Random random = new Random(1);
    private final Faults faults = new Faults(NORMAL, clock::nanos);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Incidents incidents = new Incidents(faults, registry, clock);

    @ParameterizedTest
    @FieldSource("KINDS")
    void gradesEachAnswerAndEachFix(Kind kind) {
        String id = incidents.create(kind.level, kind.seed).id();
        Set<Fault> causes = kind.scenario().causes();
        Instant start = clock.instant().plus(kind.scenario().delay());
        List<Call> early = calls(50);
        String unrelated = affected(early, causes).orElse(early.get(0).traceId());
        assertThatThrownBy(() -> incidents.fix(id, causes))
                .hasMessage(
                        "incident: no answer yet: expected POST /incidents/%s/answer before a fix",
                        id);
        GradedAnswer first = answer(id, EnumSet.allOf(Fault.class), null, null);
        assertThat(first.counts()).isTrue();
        // Guesses before the start
        incidents.fix(id, causes);
        clock.moveTo(start.minusMillis(1));
        assertThat(answer(id, causes, clock.instant(), null).verdict()).isEqualTo("lucky");
        assertThat(incidents.get(id).solution()).isNull();
        assertThatThrownBy(() -> answer(id, causes, start, null))
                .hasMessageStartingWith("start: invalid value")
                .hasMessageEndingWith("not in the future, at most " + clock.instant());
        clock.moveTo(start.plusSeconds(60));
        String evidence = affected(calls(300), causes).orElse(null);
        boolean onCalls = causes.stream().anyMatch(fault -> fault.ordinal() < 3);
        assertThat(evidence != null).isEqualTo(onCalls);

        // Wrong causes with the right start and evidence.
        Set<Fault> others = EnumSet.complementOf(EnumSet.copyOf(causes));
        GradedAnswer wrong = answer(id, others, start, evidence);
        assertThat(grades(wrong)).isEqualTo("wrong: wrong, right, " + evidenceGrade(evidence));
        assertThat(answer(id, EnumSet.allOf(Fault.class), start, evidence).verdict())
                .isEqualTo("wrong");
        // Wrong or missing times and trace ids.
        for (long seconds : List.of(-31, 31)) {
            assertThat(grades(answer(id, causes, start.plusSeconds(seconds), evidence)))
                    .isEqualTo("lucky: right, wrong, " + evidenceGrade(evidence));
        }
        assertThat(grades(answer(id, causes, start, unrelated)))
                .isEqualTo("lucky: right, right, wrong");
        assertThat(grades(answer(id, causes, null, null)))
                .isEqualTo("lucky: right, missing, " + (onCalls ? "missing" : "not required"));
        assertThat(incidents.get(id).solution()).isNull();

        // The right answer, at the bounds of the tolerance.
        GradedAnswer right = answer(id, causes, start.plusSeconds(30), evidence);
        assertThat(right.verdict()).isEqualTo("right");
        assertThat(right.counts()).isFalse();
        assertThat(answer(id, causes, start.minusSeconds(30), evidence).verdict())
                .isEqualTo("right");
        Incident.Solution solution = incidents.get(id).solution();
        assertThat(solution.causes()).isEqualTo(causes.stream().map(Fault::label).toList());
        assertThat(solution.start()).isEqualTo(start.toString());
        assertThat(incidents.get(id).answer()).isEqualTo(first);

        // A wrong fix, the right one without traffic, and with it.
        incidents.fix(id, others);
        calls(Recovery.CALLS);
        assertThat(incidents.get(id).recovery().recovered()).isFalse();
        incidents.fix(id, causes);
        calls(Recovery.CALLS - 1);
        assertThat(incidents.get(id).recovery().recovered()).isFalse();
        assertThat(incidents.get(id).recovery().reason()).startsWith("19 of 20 calls");
        calls(100);
        assertThat(incidents.get(id).recovery().recovered()).isTrue();

        // After the end
        clock.move(Scenario.LASTS);
        assertThat(grades(answer(id, causes, start, evidence))).startsWith("late: right, right, ");
        assertThatThrownBy(() -> incidents.fix(id, causes)).hasMessageContaining("has ended");
        assertThat(registry.get("incident.active").gauge().value()).isZero();
    }

    private static String evidenceGrade(String evidence) {
        return evidence == null ? "not required" : "right";
    }

    private static Optional<String> affected(List<Call> calls, Set<Fault> causes) {
        return calls.stream()
                .filter(call -> isAffected(call.outcome, causes))
                .map(Call::traceId)
                .findFirst();
    }

    /** What a learner sees. */
    private static boolean isAffected(Outcome outcome, Set<Fault> causes) {
        if (outcome instanceof Outcome.Failure failure) {
            return causes.contains(Fault.ERROR_RATE) || !failure.cause().equals("Usual");
        }
        return ((Outcome.Success) outcome).latencyMs() > 2500;
    }

    private static String grades(GradedAnswer answer) {
        return "%s: %s, %s, %s"
                .formatted(
                        answer.verdict(),
                        answer.causes().grade(),
                        answer.start().grade(),
                        answer.traceId().grade());
    }

    private GradedAnswer answer(String id, Set<Fault> causes, Instant start, String traceId) {
        return incidents.answer(id, new Answer(causes, start, traceId));
    }

    private List<Call> calls(int count) {
        return Stream.generate(this::call).limit(count).toList();
    }

    private Call call() {
        HttpRequest<?> request = HttpRequest.GET("/heavy-computation");
        String traceId = "%032x".formatted(random.nextLong());
        request.setAttribute(
                TraceContext.class.getName(), new TraceContext(traceId, "0".repeat(16), "00"));
        Behaviour behaviour = faults.apply(NORMAL, request);
        List<String> causes = behaviour.causes();
        Outcome outcome =
                random.nextDouble() < behaviour.errorRate()
                        ? new Outcome.Failure(causes.get(random.nextInt(causes.size())))
                        : new Outcome.Success(behaviour.latency().drawMs(random));
        faults.ended(request, outcome);
        return new Call(traceId, outcome);
    }

    @Test
    void fixDoesNotCountWithoutNormalCalls() {
        Recovery recovery = new Recovery(NORMAL);
        Outcome fast = new Outcome.Success(2500);

        add(recovery, 0, fast);
        assertThat(recovery.state()).isNull();
        recovery.fix(true);
        add(recovery, 0, fast); // started before the fix
        assertThat(recovery.state())
                .isEqualTo(state(false, "0 of 20 calls have ended since the fix.", 0, null, null));
        add(recovery, 1, new Outcome.Failure("Usual"));
        assertThat(recovery.state())
                .isEqualTo(state(false, "The error ratio is above normal.", 20, 1.0, null));
        add(recovery, 1, new Outcome.Rejected());
        assertThat(recovery.state().errorRatio()).isEqualTo(1.0);
        add(recovery, 1, new Outcome.Success(2501));
        assertThat(recovery.state())
                .isEqualTo(state(false, "The p95 latency is above normal.", 20, 0.0, 2501.0));
        add(recovery, 1, fast);
        assertThat(recovery.state().recovered()).isTrue();

        Recovery wrong = new Recovery(NORMAL);
        wrong.fix(false);
        add(wrong, 1, fast);
        String reason = "Calls are normal, but no fix removed the cause.";
        assertThat(wrong.state()).isEqualTo(state(false, reason, 20, 0.0, 2500.0));
    }

    private static void add(Recovery recovery, int fixes, Outcome outcome) {
        IntStream.range(0, Recovery.CALLS).forEach(i -> recovery.add(fixes, outcome));
    }

    private static Recovery.State state(
            boolean recovered, String reason, int calls, Double errorRatio, Double p95Ms) {
        return new Recovery.State(recovered, reason, 1, calls, errorRatio, p95Ms);
    }

    private static Kind kind(Predicate<Scenario> predicate) {
        return KINDS.stream()
                .filter(kind -> predicate.test(kind.scenario()))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void redHerringWarnsFromItsOwnMomentOn() {
        Kind kind = kind(scenario -> scenario.redHerring() != null);
        incidents.create(kind.level, kind.seed);

        try (var logs = LogCapture.of(HeavyWork.class)) {
            calls(50);
            assertThat(logs.events()).isEmpty();
            clock.move(kind.scenario().redHerring().delay());
            calls(50);
            assertThat(logs.events())
                    .extracting(event -> event.getLevel() + " " + event.getMessage())
                    .containsOnly("WARN " + kind.scenario().redHerring().warning());
        }
    }

    @ParameterizedTest
    @FieldSource("KINDS")
    void redHerringPointsAtAnotherFault(Kind kind) {
        Scenario.RedHerring herring = kind.scenario().redHerring();

        assertThat(kind.scenario().causes())
                .map(Scenario.RedHerring.WARNINGS::get)
                .doesNotContain(herring == null ? "none" : herring.warning());
    }

    @Test
    void evidenceIsBoundedAndHasNoIdOfAnUnaffectedCall() {
        Kind failing = kind(scenario -> scenario.causes().contains(Fault.ERROR_RATE));
        Evidence evidence = new Evidence(failing.scenario().document(), NORMAL);

        Outcome failure = new Outcome.Failure("Usual");
        for (Outcome other : List.of(new Outcome.Success(0), new Outcome.Rejected())) {
            String traceId = other.toString();
            evidence.add(traceId, true, failure);
            assertThat(evidence.has(traceId)).isTrue();
            evidence.add(traceId, true, other);
            assertThat(evidence.has(traceId)).isFalse();
        }
        evidence.add("before", false, failure);
        evidence.add("before", true, failure);
        assertThat(evidence.has("before")).isFalse();
        for (int i = 0; i <= Evidence.MAX; i++) {
            evidence.add("call " + i, true, failure);
        }

        assertThat(evidence.has("call 0")).isFalse();
        assertThat(evidence.has("call 1")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4})
    void faultCausesHasNewOnesInHalfOfTheFailures(int usual) {
        List<String> known = new ArrayList<>(Scenario.CAUSES.subList(0, usual));
        known.add("x".repeat(FaultReader.MAX_TEXT + 1)); // longer than a fault can have
        Collections.rotate(known, 1);
        Behaviour normal = new Behaviour(0.125, known, NORMAL.latency(), 0, null);
        List<List<String>> faults =
                KINDS.stream()
                        .map(kind -> Scenario.of(kind.level, kind.seed, normal))
                        .map(scenario -> scenario.document().causes())
                        .filter(causes -> !causes.isEmpty())
                        .toList();

        assertThat(faults.isEmpty()).isEqualTo(usual == Scenario.CAUSES.size());
        assertThat(faults)
                .allMatch(
                        causes ->
                                Collections.frequency(causes, Scenario.CAUSES.get(3)) * 2
                                        >= causes.size());
    }

    @ParameterizedTest
    @FieldSource("KINDS")
    void sameSeedIsTheSameIncident(Kind kind) {
        assertThat(kind.scenario()).isEqualTo(kind.scenario());
        assertThat(KINDS.stream().filter(k -> k.scenario().equals(kind.scenario()))).hasSize(1);
        assertThat(kind.scenario().delay()).isBetween(Duration.ZERO, Duration.ofMinutes(2));
    }

    @Test
    void levelsHaveTheirNumberOfFaultsAndEachFaultOccurs() {
        Map<Integer, Set<String>> shapes = new TreeMap<>();
        Set<Fault> all = EnumSet.noneOf(Fault.class);
        for (Kind kind : KINDS) {
            Scenario scenario = kind.scenario();
            all.addAll(scenario.causes());
            shapes.computeIfAbsent(kind.level, level -> new TreeSet<>())
                    .add(
                            "%d ramp %s%s"
                                    .formatted(
                                            scenario.causes().size(),
                                            scenario.document().ramp().toSeconds(),
                                            scenario.redHerring() == null ? "" : ", herring"));
        }

        assertThat(all).containsExactly(Fault.values());
        assertThat(shapes)
                .isEqualTo(
                        Map.of(
                                1, Set.of("1 ramp 0"),
                                2, Set.of("1 ramp 20", "2 ramp 0"),
                                3, Set.of("1 ramp 40, herring", "2 ramp 40")));
    }
}
