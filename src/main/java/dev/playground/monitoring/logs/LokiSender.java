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
 * loki4j's HTTP sender with four changes that loki4j has no configuration for:
 *
 * <ul>
 *   <li>It retries each response that a restarting Loki can give, and no other. loki4j ({@code
 *       AsyncBufferPipeline.checkIfEligibleForRetry}) retries only a refused connection, a timeout,
 *       429 and 503; after one of these it also retries a permanent error, until the last attempt.
 *   <li>It logs once that Loki does not accept log lines, and once that it accepts them again.
 *       loki4j reports each attempt (loki4j issue 284).
 *   <li>It creates the HTTP client for the first batch, on the sending thread. That takes about 300
 *       ms, which would delay the start of the service.
 *   <li>On close it waits for the batch in progress. Right after the sender has taken a batch,
 *       loki4j can find its queue empty and stop too early.
 * </ul>
 */
public final class LokiSender extends JavaHttpSender {
    @Override
    public Function<HttpConfig, Loki4jHttpClient> getHttpClientFactory() {
        Function<HttpConfig, Loki4jHttpClient> factory = super.getHttpClientFactory();
        return config -> new Client(config, factory);
    }

    @SuppressWarnings("try") // close() throws Exception, as the interface declares
    private static final class Client implements Loki4jHttpClient {
        /** From a Loki that is busy, starting or stopping, or from a proxy in front of it. */
        private static final Set<Integer> TRANSIENT = Set.of(429, 500, 502, 503, 504);

        /** In characters: enough for an error of Loki, too short for the HTML page of a proxy. */
        private static final int MAX_REASON_LENGTH = 200;

        private final HttpConfig config;
        private final Function<HttpConfig, Loki4jHttpClient> factory;

        /** Null before the first batch. Another thread may close it. */
        private volatile Loki4jHttpClient client;

        /** The sending thread of the appender; null before the first batch. */
        private volatile Thread sender;

        /** Used by the sending thread only. */
        private boolean failing;

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
                // loki4j retries this type.
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
            String error = "status " + response.status + ' ' + reason(response.body);
            boolean isTransient = TRANSIENT.contains(response.status);
            report(error, isTransient);
            // Thrown, not returned: loki4j keeps the last exception of a batch next to the last
            // response, and would retry a permanent error because of an earlier exception.
            throw isTransient ? new UnavailableException(error) : new RejectedException(error);
        }

        /** The first line of the response body. */
        private static String reason(String body) {
            String line = body.strip().lines().findFirst().orElse("");
            return line.substring(0, Math.min(line.length(), MAX_REASON_LENGTH));
        }

        /**
         * @param error null when Loki accepted the batch
         * @param retried whether a rejected batch is retried
         */
        private void report(String error, boolean retried) {
            boolean before = failing;
            failing = error != null;
            // Not a constant: Logback loads this class while it is being configured.
            Logger log = LoggerFactory.getLogger(LokiSender.class);
            if (failing && !before) {
                log.warn(
                        "Loki at {} does not accept log lines ({}): they are {}; standard output has"
                                + " all lines",
                        config.pushUrl,
                        error,
                        retried ? "buffered, and the push is retried" : "dropped");
            } else if (before && !failing) {
                log.info("Loki at {} accepts log lines again", config.pushUrl);
            }
        }

        @Override
        public HttpConfig getConfig() {
            return config;
        }

        @Override
        public void close() throws Exception {
            if (client != null) {
                // loki4j has signalled it to end after its current batch.
                sender.join();
                client.close();
            }
        }
    }

    /** A transient error. loki4j retries this type. */
    private static final class UnavailableException extends ConnectException {
        private static final long serialVersionUID = 1L;

        UnavailableException(String error) {
            super(error);
        }
    }

    /** A permanent error. loki4j drops the batch. */
    private static final class RejectedException extends IOException {
        private static final long serialVersionUID = 1L;

        RejectedException(String error) {
            super(error);
        }
    }
}
