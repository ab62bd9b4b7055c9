package dev.playground.monitoring.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.dashboards.Dashboard.Panel;
import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.rules.RuleTests;
import dev.playground.monitoring.testkit.Project;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The tables of docs/checks.md. */
class ChecksTest {
    @Test
    void panelsEqualDashboards() {
        assertThat(rows("Panels"))
                .containsExactlyElementsOf(
                        Dashboard.allPanels()
                                .map(p -> row(p.dashboard().title(), p.title(), check(p)))
                                .toList());
    }

    @Test
    void alertsEqualRulesAndTests() {
        assertThat(rows("Alerts"))
                .containsExactlyElementsOf(Rule.alerts().stream().map(ChecksTest::row).toList());
    }

    /** The rows of the table under a heading, without its own. */
    private static Stream<String> rows(String heading) {
        String section = Project.text(Path.of("docs/checks.md")).split("\n## " + heading + "\n")[1];
        return section.split("\n## ")[0].lines().filter(line -> line.startsWith("| ")).skip(1);
    }

    private static String check(Panel panel) {
        if (panel.queries().get(0).datasource().equals("loki")) {
            return panel.isEmptyWhenHealthy() ? "grammar, fault (e2e)" : "grammar";
        }
        return panel.isEmptyWhenHealthy() ? "fault" : "data";
    }

    private static String row(Rule alert) {
        RuleTests.Moment firing = RuleTests.firing(alert).orElseThrow();
        String severity = (String) Project.map(alert.yaml(), "labels").get("severity");
        return row(alert.name(), severity, firing.test(), firing.written());
    }

    private static String row(String... cells) {
        return "| " + String.join(" | ", cells) + " |";
    }
}
