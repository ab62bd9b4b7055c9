package dev.playground.monitoring.dashboards;

import static org.assertj.core.api.Assertions.assertThat;

import dev.playground.monitoring.testkit.Command;
import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each dashboard compiles as a value of the type that Grafana publishes for it. */
public class DashboardSchemaTest {
    @BeforeAll
    static void prepare() {
        NodeScripts.prepare();
    }

    @Test
    void theSchemaIsThatOfTheGrafanaThatRuns() {
        assertThat(Project.text(Project.TOP.resolve("src/test/js/package.json")))
                .contains("\"@grafana/schema\": \"" + grafanaVersion() + "\"");
    }

    @Test
    void everyDashboardIsWhatGrafanasSchemaSays() {
        for (Dashboard dashboard : Dashboard.all()) {
            NodeScripts.write(
                    dashboard.uid() + ".ts",
                    "import type { DashboardFile } from './dashboard';\n"
                            + "export const file: DashboardFile = "
                            + Project.text(
                                    Project.FILES.resolve(
                                            "grafana/dashboards/" + dashboard.file())));
        }

        Command.Result compiler =
                NodeScripts.run("", List.of("node_modules/typescript/bin/tsc", "--project", "."));

        assertThat(compiler.exitCode()).as(compiler.output()).isZero();
    }

    private static String grafanaVersion() {
        String image =
                (String)
                        Project.map(Project.map(Project.compose(), "services"), "grafana")
                                .get("image");
        return image.substring(image.indexOf(':') + 1);
    }
}
