package dev.playground.monitoring.logs;

import com.github.loki4j.client.http.HttpConfig;
import com.github.loki4j.client.http.Loki4jHttpClient;
import com.github.loki4j.client.http.LokiResponse;
import com.github.loki4j.logback.JavaHttpSender;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * loki4j's own HTTP sender, with four things added. It retries whatever a Loki that restarts can
 * answer: loki4j itself retries only a refused connection, a timeout, 429 and 503. It says once
 * that Loki takes no lines, and once that it takes them again, instead of twice a batch. And it
 * makes its HTTP client for the first batch, on the thread that sends: that takes a third of a
 * second, for which the start of the service would wait. When it is closed it lets the batch in
 * hand go out: loki4j takes a sender that has just begun with one for idle.
 */
public final class LokiSender extends JavaHttpSender {
    @Override
    public Function<HttpConfig, Loki4jHttpClient> getHttpClientFactory() {
        Function<HttpConfig, Loki4jHttpClient> factory = super.getHttpClientFactory();
        return config -> new Client(config, factory);
    }

    @SuppressWarnings("try") // close() may throw anything: the interface says so
    private static final class Client implements Loki4jHttpClient {
        private static final int SERVICE_UNAVAILABLE = 503;

        /** Of a Loki, or of a proxy before it, that is on its way down or up. */
        private static final Set<Integer> PASSING = Set.of(500, 502, 504);

        /** What loki4j itself tries again. */
        private static final Set<Integer> RETRIED = Set.of(429, SERVICE_UNAVAILABLE);

        /** In characters: enough for Loki's reason, not for a proxy's page. */
        private static final int REASON_LENGTH = 200;

        private final HttpConfig config;
        private final Function<HttpConfig, Loki4jHttpClient> factory;

        /** Null before the first batch. Another thread than the sender's may close it. */
        private volatile Loki4jHttpClient client;

        /** The appender's one; null before the first batch. */
        private volatile Thread sender;

        /** Only the sender comes here. */
        private boolean troubled;

        Client(HttpConfig config, Function<HttpConfig, Loki4jHttpClient> factory) {
            this.config = config;
            this.factory = factory;
        }

        @Override
        public LokiResponse send(ByteBuffer batch) throws Exception {
            if (client == null) {
                sender = Thread.currentThread();
                client = factory.apply(config);
            }
            LokiResponse response;
            try {
                response = client.send(batch);
            } catch (ConnectException | HttpTimeoutException e) {
                report(e.getClass().getSimpleName(), true);
                throw e;
            } catch (IOException e) {
                report(e.toString(), true);
                // The type that loki4j retries.
                ConnectException retried = new ConnectException(e.getMessage());
                retried.initCause(e);
                throw retried;
            }
            boolean taken = response.status >= 200 && response.status < 300;
            boolean passing = PASSING.contains(response.status);
            report(
                    taken ? null : "status " + response.status + ' ' + reason(response.body),
                    passing || RETRIED.contains(response.status));
            return passing ? new LokiResponse(SERVICE_UNAVAILABLE, response.body) : response;
        }

        /** The first line of what Loki, or a proxy before it, answered. */
        private static String reason(String body) {
            String line = body.strip().lines().findFirst().orElse("");
            return line.substring(0, Math.min(line.length(), REASON_LENGTH));
        }

        /**
         * @param trouble null when Loki took the batch
         * @param retried whether a batch that it did not take is sent again
         */
        private void report(String trouble, boolean retried) {
            boolean before = troubled;
            troubled = trouble != null;
            // Not a constant: this class is loaded while Logback is still being configured.
            Logger log = LoggerFactory.getLogger(LokiSender.class);
            if (troubled && !before) {
                log.warn(
                        "Loki at {} does not take log lines ({}): {}, and all are on standard output",
                        config.pushUrl,
                        trouble,
                        retried ? "they are kept and sent again for a while" : "they are dropped");
            } else if (before && !troubled) {
                log.info("Loki at {} takes log lines again", config.pushUrl);
            }
        }

        @Override
        public HttpConfig getConfig() {
            return config;
        }

        @Override
        public void close() throws Exception {
            if (client != null) {
                // Told to end after the batch that it may have in hand.
                sender.join();
                client.close();
            }
        }
    }
}
