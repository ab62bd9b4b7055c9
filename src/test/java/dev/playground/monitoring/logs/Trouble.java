package dev.playground.monitoring.logs;

import dev.playground.monitoring.testkit.FakeLoki;
import java.io.IOException;

/** A way in which Loki can be in trouble. */
enum Trouble {
    ABSENT(FakeLoki::vanish),
    BLACK_HOLE(FakeLoki::beABlackHole),
    HANGING(FakeLoki::hang),
    RESETTING(FakeLoki::resetConnections),
    DYING_BEFORE_THE_ANSWER(FakeLoki::takeAndResetConnections),
    TOO_MANY_REQUESTS(loki -> loki.answer(429)),
    INTERNAL_ERROR(loki -> loki.answer(500)),
    BAD_GATEWAY(loki -> loki.answer(502)),
    UNAVAILABLE(loki -> loki.answer(503)),
    GATEWAY_TIMEOUT(loki -> loki.answer(504));

    private interface Change {
        void of(FakeLoki loki) throws IOException;
    }

    private final Change change;

    Trouble(Change change) {
        this.change = change;
    }

    void befall(FakeLoki loki) throws IOException {
        change.of(loki);
    }
}
