"""The door of MQTT: who may publish what, and what becomes of messages."""

from tapestry.app._mqtt_door import MAX_MESSAGE_SIZE_BYTES, MQTT, ROOMS, MqttDoor

__all__ = ["MAX_MESSAGE_SIZE_BYTES", "MQTT", "ROOMS", "MqttDoor"]
