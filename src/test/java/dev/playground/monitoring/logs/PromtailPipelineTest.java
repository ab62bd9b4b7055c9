package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.playground.monitoring.testkit.LogEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the committed pipeline makes of lines that are no events of the application. */
class PromtailPipelineTest {
    private static final String EVENT =
            "{\"ts\":\"2026-11-23T20:00:00.000000001Z\",\"level\":\"INFO\",\"logger\":\"a.B\","
                    + "\"thread\":\"main\",\"line\":\"text\"}";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "text",
                "OpenJDK 64-Bit Server VM warning: Sharing is only supported for boot loader",
                "[0.004s][warning][cds] The AOT cache was created by a different version",
                "Terminating due to java.lang.OutOfMemoryError: Java heap space",
                "#",
                "# A fatal error has been detected by the Java Runtime Environment:",
                "\tat dev.playground.A.b(A.java:1)",
                "Cannot open",
                "Caused",
                "wrote stdout F to the file",
                "wrote stdout P to the file",
                "{\"message\":\"no ts\",\"level\":\"INFO\"}",
                "{\"ts\":\"2026-11-23T20:00:00.000000001Z\",\"level\":\"IN",
                "{\"ts\":",
                "{",
                "null"
            })
    void aLineThatIsNoEventPassesAsItStandsWithoutLevel(String line) {
        LogEntry asItStands =
                new LogEntry(ServiceLogging.LABELS, ContainerLog.SEEN, line, Map.of());

        assertThat(ContainerLog.docker(List.of(line))).containsExactly(asItStands);
        assertThat(ContainerLog.docker(List.of(EVENT, line, EVENT)))
                .contains(asItStands)
                .hasSize(3);
        assertThat(ContainerLog.kubernetes(List.of(line))).containsExactly(asItStands);
        assertThat(ContainerLog.kubernetes(List.of(EVENT, line, EVENT)))
                .contains(asItStands)
                .hasSize(3);
    }

    @Test
    void anEventHasItsOwnTimeLevelMetadataAndLine() {
        LogEntry event =
                new LogEntry(
                        Map.of(
                                "app",
                                "loki-backend-monitoring",
                                "namespace",
                                "shop",
                                "instance",
                                "backend-7f9",
                                "level",
                                "INFO"),
                        1_795_464_000_000_000_001L,
                        "text",
                        Map.of("logger", "a.B", "thread", "main"));

        assertThat(ContainerLog.docker(List.of(EVENT))).containsExactly(event);
        assertThat(ContainerLog.kubernetes(List.of(EVENT))).containsExactly(event);
    }

    @Test
    void aStackTraceOnStandardErrorStaysTogether() {
        List<String> lines =
                List.of(
                        "Exception in thread \"main\" java.lang.IllegalStateException: no",
                        "\tat dev.playground.A.b(A.java:1)",
                        "\tSuppressed: java.io.IOException",
                        "\t\tat dev.playground.A.c(A.java:2)",
                        "Caused by: java.lang.NullPointerException",
                        "\t... 1 more");

        assertThat(linesOf(ContainerLog.docker(lines))).containsExactly(String.join("\n", lines));
        assertThat(linesOf(ContainerLog.kubernetes(lines)))
                .containsExactly(String.join("\n", lines));
    }

    @Test
    void aStackOverflowStaysTogether() {
        List<String> lines =
                IntStream.range(0, 1025)
                        .mapToObj(i -> i == 0 ? "java.lang.StackOverflowError" : "\tat A.b(A.java)")
                        .toList();

        assertThat(linesOf(ContainerLog.docker(lines))).containsExactly(String.join("\n", lines));
    }

    /** As a container wrote it whose JVM was sent SIGSEGV. */
    @Test
    void aCrashReportStaysTogetherUnderTheTimeOfTheCrash() throws IOException {
        List<String> written =
                Files.readAllLines(Path.of("src/test/resources/logs/crash-report.txt"));
        int end = written.lastIndexOf("#") + 1;
        String report = String.join("\n", written.subList(0, end));
        PromtailPipeline.Line earlier = new PromtailPipeline.Line("A warning, hours before", 1);

        List<LogEntry> entries = ContainerLog.docker(List.of(earlier), written);

        assertThat(linesOf(entries))
                .containsExactlyInAnyOrder(
                        earlier.text(), report, written.get(end), written.get(end + 1));
        assertThat(written).hasSize(end + 2);
        assertThat(entries)
                .filteredOn(entry -> !entry.line().equals(earlier.text()))
                .extracting(LogEntry::nanos)
                .containsOnly(ContainerLog.SEEN);
        assertThat(linesOf(ContainerLog.kubernetes(written)))
                .containsExactlyInAnyOrder(report, written.get(end), written.get(end + 1));
    }

    @Test
    void aLineThatGoesOnAfterAPauseIsAnEntryWithTheTimeOfItsFirstLine() {
        long pause = TimeUnit.HOURS.toNanos(1);
        List<PromtailPipeline.Line> lines =
                List.of(
                        new PromtailPipeline.Line("java.lang.Error", 1),
                        new PromtailPipeline.Line("\tat A.b(A.java)", 2),
                        new PromtailPipeline.Line("\tat A.c(A.java)", pause),
                        new PromtailPipeline.Line("\tat A.d(A.java)", pause + 1));

        List<LogEntry> entries = ContainerLog.docker(lines, List.of());

        assertThat(linesOf(entries))
                .containsExactly(
                        "java.lang.Error\n\tat A.b(A.java)", "\tat A.c(A.java)\n\tat A.d(A.java)");
        assertThat(entries).extracting(LogEntry::nanos).containsOnly(1L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "Caution: hot", "Cause", "Caused", "Caused a crash", "Cabs"})
    void whatOnlyLooksLikeACauseIsALineOfItsOwn(String line) {
        assertThat(linesOf(ContainerLog.docker(List.of("before", line))))
                .containsExactly("before", line);
    }

    @Test
    void anEmptyLineIsNotLostBehindText() {
        assertThat(linesOf(ContainerLog.docker(List.of("text", "", "", "more"))))
                .containsExactlyInAnyOrder("text", "", "", "more");
    }

    @Test
    void linesOfTwoKindsDoNotRunIntoEachOther() {
        assertThat(linesOf(ContainerLog.docker(List.of("one", "two", EVENT, "three"))))
                .containsExactlyInAnyOrder("one", "two", "text", "three");
    }

    @Test
    void aStageOrAnOptionThatIsNotKnownIsRefused() throws IOException {
        String file = Files.readString(PromtailPipeline.COMMITTED);

        assertRefused(file.replace("- labeldrop: [", "- labelallow: ["));
        assertRefused(file.replace("max_lines:", "max_linez:"));
        assertRefused(file.replace("- cri: {}", "- cri: { max_partial_lines: 7 }"));
        assertRefused(file.replace("RFC3339Nano", "Unix"));
        assertRefused(file.replace("level=\"\"", "level!=\"INFO\""));
        assertRefused(file.replace("|~ \".\"", "| json"));
        assertRefused(file.replace("{ ts: ,", "{ ts: \"a.b\","));
    }

    private static void assertRefused(String file) {
        assertThatThrownBy(() -> PromtailPipeline.of(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("Unknown");
    }

    private static List<String> linesOf(List<LogEntry> entries) {
        return entries.stream().map(LogEntry::line).collect(Collectors.toList());
    }
}
