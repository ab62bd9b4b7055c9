package dev.playground.monitoring.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import com.sun.net.httpserver.HttpServer;
import dev.playground.monitoring.config.InvalidSettingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.MDC;

/** LOKI_TENANT: the header of each push, and which values it takes. */
class LokiTenantTest {
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", "shop", "a.b_c-d!e*f'g(h)"})
    void isTheHeaderOfThePush(String tenant) throws Exception {
        BlockingQueue<List<String>> pushes = new LinkedBlockingQueue<>();
        HttpServer loki =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        loki.createContext(
                "/loki/api/v1/push",
                exchange -> {
                    pushes.add(
                            exchange.getRequestHeaders().getOrDefault("X-Scope-OrgID", List.of()));
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        loki.start();
        LoggerContext context = new LoggerContext();
        try {
            context.setMDCAdapter(MDC.getMDCAdapter());
            context.putProperty("LOKI_HOST", "http://localhost:" + loki.getAddress().getPort());
            context.putProperty("LOG_FORMAT", "json");
            if (tenant != null) {
                context.putProperty("LOKI_TENANT", tenant);
            }
            JoranConfigurator configurator = new JoranConfigurator();
            configurator.setContext(context);
            configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
            context.getLogger("shop").info("An order");

            assertThat(pushes.poll(30, TimeUnit.SECONDS))
                    .isEqualTo(tenant == null || tenant.isEmpty() ? List.of() : List.of(tenant));
        } finally {
            context.stop();
            loki.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "shop", "1", "a.b_c-d!e*f'g(h)", "..a"})
    void acceptsATenantOfLoki(String tenant) {
        assertThatCode(() -> LogSettings.check(Map.of("LOKI_TENANT", tenant)))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {".", "..", "a b", "a/b", "a|b", "ä", "a\n", " "})
    void rejectsAnyOtherText(String tenant) {
        assertThatThrownBy(() -> LogSettings.check(Map.of("LOKI_TENANT", tenant)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("LOKI_TENANT")
                .hasMessageContaining("a tenant of Loki, at most 150 letters");
        assertThatThrownBy(() -> LogSettings.check(Map.of("LOKI_TENANT", "a".repeat(151))))
                .isInstanceOf(InvalidSettingException.class);
    }
}
