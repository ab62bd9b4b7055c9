package dev.playground.monitoring.page;

import dev.playground.monitoring.config.Setting;
import dev.playground.monitoring.config.Settings;
import io.micronaut.context.annotation.ConfigurationProperties;
import java.net.URI;

/** Where the browser finds the other programs. The defaults are in application.yml. */
@ConfigurationProperties("page")
record PageSettings(
        @Setting(variable = "GRAFANA_URL", expected = URL) URI grafanaUrl,
        @Setting(variable = "PROMETHEUS_URL", expected = URL) URI prometheusUrl,
        @Setting(variable = "ALERTMANAGER_URL", expected = URL) URI alertmanagerUrl)
        implements Settings {
    private static final String URL =
            "an http or https URL without a user, a query or a fragment, such as"
                    + " http://localhost:4000";
}
