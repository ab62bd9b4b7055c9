package dev.playground.monitoring.stack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Each dashboard compiles as a value of the type that Grafana publishes for it. */
class DashboardSchemaTest {
    @BeforeAll
    static void prepare() {
        Node.prepare();
    }

    @Test
    void theSchemaIsThatOfTheGrafanaThatRuns() {
        assertThat(Project.text(Project.TOP.resolve("src/test/js/package.json")))
                .contains("\"@grafana/schema\": \"" + grafanaVersion() + "\"");
    }

    @Test
    void everyDashboardIsWhatGrafanasSchemaSays() {
        for (Dashboard dashboard : Dashboard.all()) {
            Node.write(
                    dashboard.uid() + ".ts",
                    "import type { DashboardFile } from './dashboard';\n"
                            + "export const file: DashboardFile = "
                            + Project.text(
                                    Project.FILES.resolve(
                                            "grafana/dashboards/" + dashboard.file())));
        }

        Command.Result compiler =
                Node.run("", List.of("node_modules/typescript/bin/tsc", "--project", "."));

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
