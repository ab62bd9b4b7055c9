package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.dashboards.PromQl;
import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What dashboards, rules and pages say of metrics, labels and checks is so. */
class DocsTest {
    private static final Pattern PROMQL = Pattern.compile("(?s)```promql\n(.*?)```");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#]+)(#[^)]*)?\\)");

    static Stream<Arguments> expressions() throws IOException {
        Stream<Arguments> panels =
                Dashboard.queries("prometheus")
                        .map(query -> argumentSet(query.toString(), query.expr()));
        Stream<Arguments> variables =
                Dashboard.all().stream()
                        .flatMap(dashboard -> dashboard.variables().stream())
                        .map(
                                variable ->
                                        argumentSet(
                                                "variable " + variable,
                                                // The label as a query would ask for it.
                                                "sum by (%s) (%s)"
                                                        .formatted(
                                                                variable.label(),
                                                                variable.selector())));
        Stream<Arguments> rules =
                Rule.all().stream().map(rule -> argumentSet("rule " + rule, rule.expr()));
        Stream<Arguments> pages =
                Project.pages().stream()
                        .flatMap(page -> PROMQL.matcher(Project.text(page)).results())
                        .map(block -> argumentSet(block.group(1).strip(), block.group(1)));
        return Stream.of(panels, variables, rules, pages).flatMap(all -> all);
    }

    @ParameterizedTest
    @MethodSource("expressions")
    void namesMetricsAndLabelsThatThereAre(String expr) throws IOException {
        Map<String, Set<String>> series = Telemetry.series();
        PromQl read = PromQl.of(expr);

        Set<String> labels = new HashSet<>();
        for (PromQl.Selector selector : read.selectors()) {
            assertThat(series).containsKey(selector.metric());
            assertThat(series.get(selector.metric()))
                    .as(selector.text())
                    .containsAll(selector.labels());
            labels.addAll(series.get(selector.metric()));
        }
        assertThat(labels).containsAll(read.groupingLabels());
    }

    @Test
    void theTableOfChecksIsThatOfThePanelsAndAlertsThatThereAre() throws IOException {
        String checks = Checks.page();

        // Where the two differ: cp target/checks.md docs/checks.md
        Project.write("target/checks.md", checks);
        assertThat(Project.text(Project.TOP.resolve("docs/checks.md"))).isEqualTo(checks);
    }

    @Test
    void everyLinkOfRunbookAndChecksEndsSomewhere() {
        for (var page : List.of(Path.of("docs/runbook.md"), Path.of("docs/checks.md"))) {
            assertThat(LINK.matcher(Project.text(page)).results())
                    .as(page.toString())
                    .allSatisfy(
                            link ->
                                    assertThat(
                                                    Project.TOP
                                                            .resolve(page)
                                                            .resolveSibling(link.group(1))
                                                            .normalize())
                                            .exists());
        }
    }
}
