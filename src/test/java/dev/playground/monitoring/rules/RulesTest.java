package dev.playground.monitoring.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Project;
import dev.playground.monitoring.testkit.PrometheusProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of Prometheus, by its own {@code promtool}: the tests in src/test/resources/rules say
 * when each alert fires, and this class that none is left out.
 */
public class RulesTest {
    private static final Path RUNBOOK = Path.of("docs/runbook.md");
    private static final Duration EVALUATION_INTERVAL = Duration.ofSeconds(5);

    static Stream<Path> ruleFiles() {
        return Rule.all().stream().map(Rule::file).distinct();
    }

    static Stream<Path> testFiles() throws IOException {
        return RuleTests.files();
    }

    static Stream<Rule> alerts() {
        return Rule.alerts().stream();
    }

    static Stream<Rule> alertsThatRest() {
        return alerts().filter(alert -> !alert.alwaysFires());
    }

    static Stream<Rule> recordings() {
        return Rule.all().stream().filter(rule -> !rule.alert());
    }

    @ParameterizedTest
    @MethodSource("ruleFiles")
    void promtoolAcceptsTheRules(Path file) {
        expectSuccess("check", "rules", file.toString());
    }

    @ParameterizedTest
    @MethodSource("testFiles")
    void theRulesDoWhatTheTestsSay(Path file) {
        expectSuccess("test", "rules", file.toString());
    }

    @ParameterizedTest
    @MethodSource("alertsThatRest")
    void theTestsSeeTheAlertFireNotAMomentBeforeAndResolve(Rule alert) throws IOException {
        assertThat(RuleTests.cases())
                .anySatisfy(
                        test -> {
                            List<RuleTests.Moment> moments =
                                    RuleTests.moments(test)
                                            .filter(moment -> moment.alert().equals(alert.name()))
                                            .toList();
                            Duration fires =
                                    moments.stream()
                                            .filter(RuleTests.Moment::fires)
                                            .map(RuleTests.Moment::time)
                                            .findFirst()
                                            .orElseThrow(AssertionError::new);
                            assertThat(moments)
                                    .filteredOn(moment -> !moment.fires())
                                    .extracting(RuleTests.Moment::time)
                                    .contains(fires.minus(EVALUATION_INTERVAL))
                                    .anyMatch(time -> time.compareTo(fires) > 0);
                        });
    }

    @Test
    void theTestsSeeThatTheWatchdogAlwaysFires() throws IOException {
        Set<String> watchdogs =
                alerts().filter(Rule::alwaysFires).map(Rule::name).collect(Collectors.toSet());

        assertThat(RuleTests.cases().flatMap(RuleTests::moments))
                .filteredOn(moment -> watchdogs.contains(moment.alert()))
                .hasSizeGreaterThan(1)
                .allMatch(RuleTests.Moment::fires)
                .anyMatch(moment -> moment.time().isZero());
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void theTestsExpectAValueOfTheRecording(Rule recording) throws IOException {
        assertThat(
                        RuleTests.cases()
                                .flatMap(test -> Project.maps(test, "promql_expr_test").stream()))
                .filteredOn(test -> test.get("expr").equals(recording.name()))
                .anyMatch(test -> !Project.maps(test, "exp_samples").isEmpty());
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void theAlertSaysWhatIsWrongHowBadItIsAndWhatToDo(Rule alert) {
        assertThat(Project.map(alert.yaml(), "labels"))
                .extractingByKey("severity")
                .isIn("critical", "warning", "none");
        assertThat(Project.map(alert.yaml(), "annotations"))
                .containsKeys("summary", "description")
                .containsEntry("runbook_url", RUNBOOK + "#" + alert.name().toLowerCase());
    }

    @Test
    void theRunbookHasOneSectionForEachAlertInTheOrderOfTheRules() {
        assertThat(runbook().lines().filter(line -> line.startsWith("## ")))
                .containsExactlyElementsOf(alerts().map(alert -> "## " + alert.name()).toList());
    }

    @ParameterizedTest
    @MethodSource("alerts")
    void runbookSectionHasEveryPart(Rule alert) {
        String section =
                Pattern.compile("(?ms)^## " + alert.name() + "$(.*?)(?=^## |\\z)")
                        .matcher(runbook())
                        .results()
                        .map(match -> match.group(1))
                        .findFirst()
                        .orElseThrow();

        assertThat(section)
                .containsSubsequence(
                        "**Meaning.**",
                        "**Impact.**",
                        "**Diagnosis.**",
                        "**Mitigation.**",
                        "**Reproduce.**",
                        "```sh\n");
    }

    private static void expectSuccess(String... arguments) {
        PrometheusProgram.Result result = PrometheusProgram.promtool().run(arguments);

        assertThat(result.exitCode()).as(result.output()).isZero();
    }

    private static String runbook() {
        return Project.text(RUNBOOK);
    }
}
