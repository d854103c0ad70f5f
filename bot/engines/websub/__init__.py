"""WebSub (W3C Recommendation, 23 January 2018), as a subscriber: hubs tell when a feed has changed.

    subscription   what is agreed with a hub about one feed: a value, and what becomes of it
    subscriber     keeps the subscriptions: asks the hubs, answers their questions, hears their deliveries
    listener       the HTTP server behind the public address
    keys           the secrets of subscriptions, and what is signed with them

What a hub delivers is never read: it only makes the feed be polled at once (docs/adr/0005).
"""

from bot.engines.websub.keys import load_key, read_key
from bot.engines.websub.subscriber import HubSubscriber

__all__ = ["HubSubscriber", "load_key", "read_key"]
