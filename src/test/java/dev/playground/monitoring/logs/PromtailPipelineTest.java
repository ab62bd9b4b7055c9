package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.playground.monitoring.logs.PromtailPipeline.Line;
import dev.playground.monitoring.testkit.LogEntry;
import dev.playground.monitoring.testkit.Project;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What promtail.yaml makes of standard output. */
class PromtailPipelineTest {
    private static final String EVENT = LogCorpus.EVENT;

    static List<String> singleLines() {
        return LogCorpus.SINGLE_LINES;
    }

    @ParameterizedTest
    @MethodSource("singleLines")
    void keepsOtherLineUnchangedWithoutLevel(String line) {
        LogEntry unchanged = new LogEntry(ServiceLogging.LABELS, ContainerLog.SEEN, line, Map.of());
        List<String> between = List.of(EVENT, line, EVENT);

        assertThat(ContainerLog.docker(List.of(line))).containsExactly(unchanged);
        assertThat(ContainerLog.docker(between)).contains(unchanged).hasSize(3);
        assertThat(ContainerLog.kubernetes(List.of(line))).containsExactly(unchanged);
        assertThat(ContainerLog.kubernetes(between)).contains(unchanged).hasSize(3);
    }

    @Test
    void takesTimeLevelMetadataAndLineFromEvent() {
        Map<String, String> labels = new HashMap<>(ServiceLogging.LABELS);
        labels.put("level", "INFO");
        LogEntry event =
                new LogEntry(
                        labels,
                        1_795_464_000_000_000_001L,
                        "text",
                        Map.of("logger", "a.B", "thread", "main"));

        assertThat(ContainerLog.docker(List.of(EVENT))).containsExactly(event);
        assertThat(ContainerLog.kubernetes(List.of(EVENT))).containsExactly(event);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource
    void joinsLinesOfOneReportOnly(String name, List<String> lines, List<String> expected) {
        assertThat(linesOf(ContainerLog.docker(lines)))
                .containsExactlyInAnyOrderElementsOf(expected);
        assertThat(linesOf(ContainerLog.kubernetes(lines)))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    static Stream<Arguments> joinsLinesOfOneReportOnly() {
        List<String> notCauses =
                List.of("C", "Caution: hot", "Cause", "Caused", "Caused a crash", "Cabs");
        int end = LogCorpus.CRASH.size() - 2;
        List<String> crash = new ArrayList<>(LogCorpus.CRASH.subList(end, end + 2));
        crash.add(String.join("\n", LogCorpus.CRASH.subList(0, end)));
        return Stream.of(
                joined("stack trace", LogCorpus.STACK_TRACE),
                joined("stack overflow", LogCorpus.STACK_OVERFLOW),
                arguments("crash report", LogCorpus.CRASH, crash),
                arguments("not causes", notCauses, notCauses),
                arguments(
                        "empty lines",
                        List.of("text", "", "", "more"),
                        List.of("text", "", "", "more")),
                arguments(
                        "event between",
                        List.of("one", "two", EVENT, "three"),
                        List.of("one", "two", "text", "three")));
    }

    private static Arguments joined(String name, List<String> lines) {
        return arguments(name, lines, List.of(String.join("\n", lines)));
    }

    @Test
    void givesCrashReportTheTimeOfTheCrash() {
        List<Line> lines = new ArrayList<>(List.of(new Line("A warning, hours before", 1)));
        lines.addAll(ContainerLog.seen(LogCorpus.CRASH));

        assertThat(ContainerLog.docker(ServiceLogging.LABELS, lines))
                .extracting(LogEntry::nanos)
                .containsExactlyInAnyOrder(
                        1L, ContainerLog.SEEN, ContainerLog.SEEN, ContainerLog.SEEN);
    }

    @Test
    void givesDelayedContinuationTheTimeOfItsFirstLine() {
        long pause = TimeUnit.HOURS.toNanos(1);
        List<Line> lines =
                List.of(
                        new Line("java.lang.Error", 1),
                        new Line("\tat A.b(A.java)", 2),
                        new Line("\tat A.c(A.java)", pause),
                        new Line("\tat A.d(A.java)", pause + 1));

        List<LogEntry> entries = ContainerLog.docker(ServiceLogging.LABELS, lines);

        assertThat(linesOf(entries))
                .containsExactly(
                        "java.lang.Error\n\tat A.b(A.java)", "\tat A.c(A.java)\n\tat A.d(A.java)");
        assertThat(entries).extracting(LogEntry::nanos).containsOnly(1L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"labeldrop", "max_lines", "RFC3339Nano", "trace_id", "level=\"\""})
    void rejectsChangedStages(String part) {
        String file = Project.text(Project.FILES.resolve("promtail/promtail.yaml"));

        assertThatThrownBy(() -> new PromtailPipeline(file.replace(part, "other")))
                .hasMessageStartingWith("Unsupported stages");
    }

    private static List<String> linesOf(List<LogEntry> entries) {
        return entries.stream().map(LogEntry::line).toList();
    }
}
