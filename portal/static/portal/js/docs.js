// Shows the API's description in Swagger UI. Nothing is sent to other sites.

const place = document.querySelector("#docs");

SwaggerUIBundle({
  url: place.dataset.schema,
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
});
