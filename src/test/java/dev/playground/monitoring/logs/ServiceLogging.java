package dev.playground.monitoring.logs;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import com.github.loki4j.client.pipeline.AsyncBufferPipeline;
import dev.playground.monitoring.testkit.FakeLoki;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.MDC;

/**
 * Logging as the service has it in a container: the committed logback.xml, in a context of its own,
 * with the settings given and with its standard output kept here.
 */
final class ServiceLogging implements AutoCloseable {
    /** Labels that both shippers set, apart from the level. */
    static final Map<String, String> LABELS =
            Map.of(
                    "app",
                    "loki-backend-monitoring",
                    "namespace",
                    "shop",
                    "instance",
                    "backend-7f9");

    private final LoggerContext context = new LoggerContext();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    private final OutputStream stdout;

    /** Captures standard output. */
    ServiceLogging(FakeLoki loki) throws JoranException {
        this(loki, new ByteArrayOutputStream());
    }

    ServiceLogging(FakeLoki loki, OutputStream stdout) throws JoranException {
        this(loki.url(), stdout);
    }

    ServiceLogging(String lokiHost, OutputStream stdout) throws JoranException {
        this.stdout = stdout;
        Metrics.addRegistry(metrics);
        context.setMDCAdapter(MDC.getMDCAdapter());
        context.putProperty("LOKI_HOST", lokiHost);
        context.putProperty("LOG_FORMAT", "json");
        context.putProperty("POD_NAMESPACE", LABELS.get("namespace"));
        context.putProperty("POD_NAME", LABELS.get("instance"));
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(Path.of("src/main/resources/logback.xml").toFile());
        ((OutputStreamAppender<ILoggingEvent>)
                        context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("STDOUT"))
                .setOutputStream(stdout);
    }

    Logger logger(String name) {
        return context.getLogger(name);
    }

    /** The lines on standard output, as an agent that reads it would see them. */
    List<String> stdoutLines() {
        String text = ((ByteArrayOutputStream) stdout).toString(StandardCharsets.UTF_8);
        return text.isEmpty() ? List.of() : List.of(text.split("\n"));
    }

    /** Of one of loki4j's counters, as /metrics shows it, over all its other labels. */
    double count(String counter) {
        return metrics.find(counter).counters().stream().mapToDouble(c -> c.count()).sum();
    }

    /** Failed attempts to send a batch, as reported by loki4j. */
    long failedPushes() {
        return context.getStatusManager().getCopyOfStatusList().stream()
                .filter(status -> status.getOrigin() instanceof AsyncBufferPipeline)
                .filter(status -> status.getLevel() >= Status.WARN)
                .count();
    }

    /** As the service does on SIGTERM. */
    void stopShipping(Duration limit) {
        LogShipping.stop(context, limit);
    }

    @Override
    public void close() {
        stopShipping(Duration.ZERO);
        Metrics.removeRegistry(metrics);
    }
}
