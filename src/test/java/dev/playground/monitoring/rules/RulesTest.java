package dev.playground.monitoring.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.rules.RuleTests.Moment;
import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Prometheus' rules. {@code promtool} runs the tests in src/test/resources/rules, and this class
 * checks that they leave no rule and no alert's runbook out.
 */
public class RulesTest {
    /** Always fires; its absence is the signal. */
    private static final String WATCHDOG = "Watchdog";

    private static final List<Path> RULE_FILES = Project.files("prometheus/rules");
    private static final List<Path> TEST_FILES = RuleTests.files();
    private static final List<Rule> ALERTS = Rule.alerts();
    private static final List<Rule> OTHER_ALERTS =
            ALERTS.stream().filter(a -> !a.name().equals(WATCHDOG)).toList();
    private static final List<Rule> RECORDINGS = Rule.recordings();

    private static final Path RUNBOOK = Path.of("docs/runbook.md");
    private static final Duration EVALUATION_INTERVAL = Duration.ofSeconds(5);

    @ParameterizedTest
    @FieldSource("RULE_FILES")
    void promtoolAcceptsTheRules(Path file) {
        PrometheusProgram.promtool().expectSuccess("check", "rules", file.toString());
    }

    @ParameterizedTest
    @FieldSource("TEST_FILES")
    void rulesPassPromtoolsTests(Path file) {
        PrometheusProgram.promtool().expectSuccess("test", "rules", file.toString());
    }

    @ParameterizedTest
    @FieldSource("OTHER_ALERTS")
    void testCoversFiringPendingAndResolution(Rule alert) {
        assertThat(RuleTests.cases()).anyMatch(test -> showsTheWholeCourse(test, alert));
    }

    private static boolean showsTheWholeCourse(Map<String, Object> test, Rule alert) {
        List<Moment> moments = RuleTests.moments(test, alert).toList();
        List<Duration> silent =
                moments.stream().filter(moment -> !moment.fires()).map(Moment::time).toList();
        return moments.stream()
                .filter(Moment::fires)
                .map(Moment::time)
                .limit(1)
                .filter(fires -> silent.contains(fires.minus(EVALUATION_INTERVAL)))
                .anyMatch(fires -> silent.stream().anyMatch(time -> time.compareTo(fires) > 0));
    }

    @Test
    void watchdogFiresFromStart() {
        Rule watchdog =
                ALERTS.stream().filter(alert -> alert.name().equals(WATCHDOG)).findFirst().get();

        assertThat(watchdog.expr()).isEqualTo("vector(1)");
        assertThat(RuleTests.moments(watchdog))
                .hasSizeGreaterThan(1)
                .allMatch(Moment::fires)
                .anyMatch(moment -> moment.time().isZero());
    }

    @ParameterizedTest
    @FieldSource("RECORDINGS")
    void testExpectsValueOfRecording(Rule recording) {
        assertThat(RuleTests.cases())
                .flatMap(test -> Project.maps(test, "promql_expr_test"))
                .filteredOn(test -> test.get("expr").equals(recording.name()))
                .anyMatch(test -> !Project.maps(test, "exp_samples").isEmpty());
    }

    @ParameterizedTest
    @FieldSource("ALERTS")
    void alertHasSeverityTextsAndRunbook(Rule alert) {
        assertThat(Project.map(alert.yaml(), "labels"))
                .extractingByKey("severity")
                .isIn("critical", "warning", "none");
        assertThat(Project.map(alert.yaml(), "annotations"))
                .containsKeys("summary", "description")
                .containsEntry("runbook_url", RUNBOOK + "#" + alert.name().toLowerCase());
    }

    @Test
    void runbookHasOneSectionPerAlertInTheOrderOfTheRules() {
        assertThat(Project.text(RUNBOOK).lines().filter(line -> line.startsWith("## ")))
                .containsExactlyElementsOf(
                        ALERTS.stream().map(alert -> "## " + alert.name()).toList());
    }

    @ParameterizedTest
    @FieldSource("ALERTS")
    void runbookSectionHasEachPart(Rule alert) {
        String section = Project.text(RUNBOOK).split("(?m)^## " + alert.name() + "$")[1];

        assertThat(section.split("(?m)^## ")[0])
                .containsSubsequence(
                        "**Meaning.**",
                        "**Impact.**",
                        "**Diagnosis.**",
                        "**Mitigation.**",
                        "**Reproduce.**",
                        "```sh\n");
    }
}
