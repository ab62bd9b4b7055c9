package dev.playground.monitoring.charts;

import static dev.playground.monitoring.charts.Manifest.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.DryRun;
import dev.playground.monitoring.charts.Charts.Scenario;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The commands that Helm prints after an installation fit what is installed. */
class NotesTest {
    @EachScenario
    void forwardsAPortToEachService(Scenario scenario) {
        Set<String> expected = new TreeSet<>();
        for (Manifest service : Manifest.all(scenario.objects(), "Service")) {
            expected.add(service.name() + " to " + service.text("/spec/ports/0/port"));
        }

        assertThat(commands("port-forward svc/(\\S+) \\d+:(\\d+)", "%s to %s", scenario))
                .isEqualTo(expected);
    }

    @EachScenario
    void readsGrafanasPasswordFromItsSecret(Scenario scenario) {
        Set<String> expected = new TreeSet<>();
        for (Manifest workload : Manifest.workloads(scenario.objects())) {
            workload.containers()
                    .flatMap(container -> container.path("env").valueStream())
                    .filter(v -> text(v, "/name").equals("GF_SECURITY_ADMIN_PASSWORD"))
                    .map(variable -> variable.at("/valueFrom/secretKeyRef"))
                    .forEach(key -> expected.add(text(key, "/key") + " of " + text(key, "/name")));
        }

        String command = "get secret (\\S+) -o jsonpath='\\{\\.data\\.(\\S+)}' \\| base64 -d";
        assertThat(commands(command, "%2$s of %1$s", scenario)).isEqualTo(expected);
    }

    private static Set<String> commands(String pattern, String format, Scenario scenario) {
        String notes =
                Charts.helm(scenario.chart())
                        .install()
                        .withName(Charts.RELEASE)
                        .withNamespace(Charts.NAMESPACE)
                        .withValuesFile(scenario.values())
                        .clientOnly()
                        .withDryRunOption(DryRun.CLIENT)
                        .call()
                        .getOutput();
        return Pattern.compile("-n " + Charts.NAMESPACE + " " + pattern)
                .matcher(notes)
                .results()
                .map(found -> format.formatted(found.group(1), found.group(2)))
                .collect(Collectors.toSet());
    }
}
