package dev.playground.monitoring.dashboards;

import dev.playground.monitoring.testkit.NodeScripts;
import dev.playground.monitoring.testkit.Project;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Each dashboard compiles as a value of the type in src/test/js/dashboard.ts. */
public class DashboardSchemaTest {
    @Test
    void dashboardsMatchGrafanasSchemaAndTheProjectsRules() throws IOException {
        for (Dashboard dashboard : Dashboard.all()) {
            String name = dashboard.file().replace(".json", "");
            NodeScripts.write(
                    name + ".ts",
                    "import type { DashboardFile } from './dashboard';\n"
                            + "export const file: DashboardFile<'%s'> = ".formatted(name)
                            + Project.text(
                                    Project.FILES.resolve(
                                            "grafana/dashboards/" + dashboard.file())));
        }

        NodeScripts.run("node_modules/typescript/bin/tsc", "", "--project", ".");
    }
}
