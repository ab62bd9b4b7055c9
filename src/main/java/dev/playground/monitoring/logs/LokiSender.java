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
 * loki4j's own HTTP sender, with four things added:
 *
 * <ul>
 *   <li>It retries whatever a Loki that restarts can answer, and nothing else. loki4j itself
 *       retries only a refused connection, a timeout, 429 and 503; and after one of these also a
 *       refusal, up to the last try.
 *   <li>It says once that Loki takes no lines, and once that it takes them again, instead of twice
 *       a batch.
 *   <li>It makes its HTTP client for the first batch, on the thread that sends: that takes a third
 *       of a second, for which the start of the service would wait.
 *   <li>When it is closed it waits for the batch in hand. In the instant after the sender has taken
 *       a batch loki4j can think that nothing is being sent, and stops too early.
 * </ul>
 */
public final class LokiSender extends JavaHttpSender {
    @Override
    public Function<HttpConfig, Loki4jHttpClient> getHttpClientFactory() {
        Function<HttpConfig, Loki4jHttpClient> factory = super.getHttpClientFactory();
        return config -> new Client(config, factory);
    }

    @SuppressWarnings("try") // close() may throw anything: the interface says so
    private static final class Client implements Loki4jHttpClient {
        /** Of a Loki that is busy, or that is on its way down or up, or of a proxy before it. */
        private static final Set<Integer> PASSING = Set.of(429, 500, 502, 503, 504);

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
            LokiResponse response;
            try {
                if (client == null) {
                    sender = Thread.currentThread();
                    client = factory.apply(config);
                }
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
            } catch (RuntimeException e) {
                report(e.toString(), false);
                throw e;
            }
            if (response.status >= 200 && response.status < 300) {
                report(null, false);
                return response;
            }
            String answer = "status " + response.status + ' ' + reason(response.body);
            boolean passing = PASSING.contains(response.status);
            report(answer, passing);
            // Thrown, not returned: of a batch's tries loki4j keeps the last exception and the last
            // answer, and would retry a refusal because of the exception before it.
            throw passing ? new UnavailableException(answer) : new RefusedException(answer);
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

    /** Loki, or a proxy before it, answers that it cannot take lines now. loki4j tries again. */
    private static final class UnavailableException extends ConnectException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String answer) {
            super(answer);
        }
    }

    /** Loki, or a proxy before it, will never take this batch. */
    private static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(String answer) {
            super(answer);
        }
    }
}
