package dev.playground.monitoring.docs;

import dev.playground.monitoring.dashboards.Dashboard;
import dev.playground.monitoring.dashboards.Dashboard.Panel;
import dev.playground.monitoring.rules.Rule;
import dev.playground.monitoring.rules.RuleTests;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;

/** The page docs/checks.md, made of what there is. */
final class Checks {
    private static final String HEAD =
            """
            # Checks

            Each panel and each alert, and what checks it. `DocsTest` holds this page to the dashboards and
            the rules; it writes a new one to target/checks.md.

            * **data**: each PromQL expression returns data on a real Prometheus that has scraped the real
              service under mixed traffic, for all and for one value of each variable (`DashboardsIT`).
            * **fault**: it is empty at first, and returns data once its fault is there (`DashboardsIT`).
            * **grammar**: each LogQL expression parses by Loki's own grammar, and asks for labels and metadata of
              [telemetry.md](telemetry.md) alone (`LogQlTest`). With `-Pe2e` it returns data on a real Loki.
            * **fault (e2e)**: with `-Pe2e` a line of its kind is there: one that the JVM prints at its start.
            * Each dashboard compiles against Grafana's published schema (`DashboardSchemaTest`); ids, places,
              units, descriptions, variables and links are checked by `DashboardsTest`; each metric and label
              that is named is exported (`DocsTest`).
            * With `-Pe2e` Grafana itself is asked for the data of each panel that is not empty when healthy,
              and an alert is made to fire and to reach Alertmanager (`MonitoringE2E`).

            ## Panels

            | Dashboard | Panel | Check |
            |---|---|---|
            """;

    private static final String ALERTS =
            """

            ## Alerts

            `promtool test rules` sees each one fire, not a moment before, and resolve (`RulesTest`; the tests are in
            [src/test/resources/rules](../src/test/resources/rules)). A real Alertmanager with this project's file for a
            webhook tells it of each group once, holds back what is a mere consequence, and tells it of the end
            (`NotificationsIT`).

            | Alert | Severity | Fires in this test | at |
            |---|---|---|---|
            """;

    private Checks() {}

    static String page() throws IOException {
        StringBuilder page = new StringBuilder(HEAD);
        for (Dashboard dashboard : Dashboard.all()) {
            for (Panel panel : dashboard.panels()) {
                row(page, dashboard.title(), panel.title(), check(panel));
            }
        }
        page.append(ALERTS);
        for (Rule alert : Rule.alerts()) {
            RuleTests.Moment firing = RuleTests.firing(alert).orElseThrow();
            row(page, alert.name(), severity(alert), firing.test(), firing.written());
        }
        return page.toString();
    }

    private static String check(Panel panel) {
        if (panel.queries().get(0).datasource().equals("loki")) {
            return panel.isEmptyWhenHealthy() ? "grammar, fault (e2e)" : "grammar";
        }
        return panel.isEmptyWhenHealthy() ? "fault" : "data";
    }

    private static String severity(Rule alert) {
        return (String) Project.map(alert.yaml(), "labels").get("severity");
    }

    private static void row(StringBuilder page, String... cells) {
        page.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
